using Agt.Testing;

namespace Agt.Cli.Tests;

public sealed class SigningTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Requirement("POL-X28")]
    public async Task A_policy_is_signed_checked_and_refused_once_it_is_changed()
    {
        string policy = _folder.Policy();
        Assert.Equal(ExitCode.Success, (await CliRun.Of("policy", "keygen", "ops-1", "--out", _folder["."])).Code);
        string[] trusting = ["policy", "eval", "-p", policy, "-i", "-", "--trust", _folder["ops-1.public.jwk"], "--require-signed"];
        Assert.Contains("AGTP067", (await CliRun.WithInput("""{"tool":"Orders.Find"}""", trusting)).Errors, StringComparison.Ordinal);

        CliRun signed = await CliRun.Of("policy", "sign", policy, "--key", _folder["ops-1.private.jwk"]);
        Assert.Equal((ExitCode.Success, string.Empty), (signed.Code, signed.Errors));
        Assert.Contains("\"policy_signer\":\"ops-1\"", (await CliRun.WithInput("""{"tool":"Orders.Find"}""", trusting)).Output, StringComparison.Ordinal);

        _folder.Write("billing.yaml", TempFolder.Billing.Replace("500", "5000", StringComparison.Ordinal));
        CliRun changed = await CliRun.WithInput("""{"tool":"Orders.Find"}""", trusting);
        Assert.Contains("AGTP068", changed.Errors, StringComparison.Ordinal);
        Assert.Empty(changed.Output);
    }

    [Fact]
    public async Task Keys_are_never_overwritten_and_the_private_one_is_its_owners_alone()
    {
        await CliRun.Of("policy", "keygen", "ops-1", "--out", _folder["."]);
        string before = File.ReadAllText(_folder["ops-1.private.jwk"]);

        CliRun again = await CliRun.Of("policy", "keygen", "ops-1", "--out", _folder["."]);

        Assert.Equal(ExitCode.Unreadable, again.Code);
        Assert.Equal(before, File.ReadAllText(_folder["ops-1.private.jwk"]));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["ops-1.private.jwk"]));
        }
    }

    [Theory]
    [InlineData("ops-1.private.jwk", "private key")]
    [InlineData("billing.yaml", "no JSON")]
    [InlineData("nowhere.jwk", "no such file")]
    public async Task What_is_no_public_key_is_explained(string file, string problem)
    {
        string policy = _folder.Policy();
        await CliRun.Of("policy", "keygen", "ops-1", "--out", _folder["."]);

        CliRun run = await CliRun.Of("policy", "validate", policy, "--trust", _folder[file]);

        Assert.Equal(ExitCode.Unreadable, run.Code);
        Assert.Contains(problem, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_that_does_not_load_is_not_signed()
    {
        await CliRun.Of("policy", "keygen", "ops-1", "--out", _folder["."]);
        string policy = _folder.Write("p.yaml", "apiVersion: governance.toolkit/v1\nname: x\nrulez: []\n");

        CliRun run = await CliRun.Of("policy", "sign", policy, "--key", _folder["ops-1.private.jwk"]);

        Assert.Equal(ExitCode.Findings, run.Code);
        Assert.False(File.Exists(policy + ".jws"));
    }
}
