using Agt.Policy.Signing;
using Agt.Values;

namespace Agt.Policy.Tests.Loading;

/// <summary>Signed policy files (POL-X28).</summary>
public sealed class SignedPolicyTests : IDisposable
{
    private const string Text = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\nrules:\n  - { name: no, condition: \"tool_name == 'rm'\", action: deny }\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("agt-signed-").FullName;
    private readonly PolicyKey _key = PolicyKey.Create("ops-1");

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    [Requirement("POL-X28")]
    public void A_signed_policy_loads_and_its_decisions_name_the_signer()
    {
        PolicyLoadResult loaded = PolicyLoader.Load(Sign(Write("p.yaml", Text)), Required());
        Assert.Empty(loaded.Diagnostics);
        CompiledPolicySet set = PolicySet.Compile(loaded.Documents);
        Verdict verdict = set.Evaluate(new PolicyInput(new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Parse("a")), new ToolIdentity("rm"), "test"), GovernedValue.FromJson("{}")));
        Assert.Equal((VerdictOutcome.Deny, "ops-1"), (verdict.Outcome, verdict.Detail!.PolicySigner));
    }

    [Fact]
    [Requirement("POL-X28")]
    public void Without_a_signature_nothing_is_loaded_where_one_is_required()
    {
        string file = Write("p.yaml", Text);
        Assert.Equal("AGTP067", CodeOf(PolicyLoader.Load(file, Required())));
        Assert.Equal("AGTP067", CodeOf(PolicyLoader.LoadText(Text, options: Required())));
        Assert.Equal("AGTP067", CodeOf(PolicyLoader.LoadStream(new MemoryStream([1]), options: Required())));
        Assert.True(PolicyLoader.Load(file, Required() with { RequireSigned = false }).IsSuccess);
    }

    [Fact]
    [Requirement("POL-X28")]
    public void A_policy_that_a_signed_one_extends_must_be_signed_too()
    {
        Write("base.yaml", Text);
        string child = Sign(Write("child.yaml", "apiVersion: governance.toolkit/v1\nname: c\nagents: ['*']\nextends: base.yaml\nrules: []\n"));
        Assert.Contains(PolicyLoader.Load(child, Required()).Diagnostics, finding => finding.Code == "AGTP067");
        Sign(Path.Combine(_folder, "base.yaml"));
        Assert.True(PolicyLoader.Load(child, Required()).IsSuccess);
    }

    [Theory]
    [Requirement("POL-X28")]
    [InlineData("one byte of the policy")]
    [InlineData("the signature of another file")]
    [InlineData("another key of the same name")]
    [InlineData("a key nobody trusts")]
    [InlineData("no algorithm")]
    [InlineData("an extra header")]
    [InlineData("a second spelling")]
    [InlineData("attached content")]
    [InlineData("empty")]
    [InlineData("too long")]
    public void A_signature_that_does_not_hold_refuses_the_file_even_where_none_is_required(string attack)
    {
        string file = Sign(Write("p.yaml", Text));
        string signature = File.ReadAllText(file + ".jws");
        string[] parts = signature.Split('.');
        string forged = attack switch
        {
            "the signature of another file" => _key.Sign("other"u8),
            "another key of the same name" => SignedBy("ops-1"),
            "a key nobody trusts" => SignedBy("ops-2"),
            "no algorithm" => Header("""{"alg":"none","kid":"ops-1"}""") + ".." + parts[2],
            "an extra header" => Header("""{"alg":"EdDSA","kid":"ops-1","crit":["b64"]}""") + ".." + parts[2],
            "a second spelling" => signature + "=",
            "attached content" => parts[0] + ".e30." + parts[2],
            "empty" => string.Empty,
            "too long" => new string('a', 5_000),
            _ => signature,
        };
        File.WriteAllText(file + ".jws", forged);
        if (attack == "one byte of the policy")
        {
            File.WriteAllText(file, Text.Replace("'rm'", "'rn'", StringComparison.Ordinal));
        }

        PolicyLoadResult loaded = PolicyLoader.Load(file, Required() with { RequireSigned = false });
        Assert.Empty(loaded.Documents);
        Assert.Equal("AGTP068", CodeOf(loaded));
    }

    [Fact]
    public void Keys_pass_through_their_text_and_the_private_one_is_kept_from_readers()
    {
        using var again = PolicyKey.FromJsonWebKey(_key.ToPrivateJsonWebKey());
        Assert.Equal(_key.Sign("x"u8), again.Sign("x"u8));
        Assert.Equal("ops-1", PolicySigner.FromJsonWebKey(_key.ToPublicJsonWebKey()).KeyId);
        Assert.Throws<FormatException>(() => PolicySigner.FromJsonWebKey(_key.ToPrivateJsonWebKey()));
        Assert.Throws<FormatException>(() => PolicyKey.FromJsonWebKey(_key.ToPublicJsonWebKey()));
    }

    /// <summary>The key pair of RFC 8037, appendix A.1.</summary>
    [Fact]
    [Requirement("POL-X28")]
    public void The_key_of_RFC_8037_is_read_as_the_RFC_has_it()
    {
        using var key = PolicyKey.FromJsonWebKey("""{"kty":"OKP","crv":"Ed25519","kid":"rfc","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""");
        Assert.Equal("rfc", key.KeyId);
        Assert.Throws<FormatException>(() => PolicyKey.FromJsonWebKey("""{"kty":"OKP","crv":"Ed25519","kid":"rfc","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURA"}"""));
    }

    private static string Header(string json) => System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(json));

    private static string SignedBy(string keyId)
    {
        using var other = PolicyKey.Create(keyId);
        return other.Sign(System.Text.Encoding.UTF8.GetBytes(Text));
    }

    private static string CodeOf(PolicyLoadResult result) => Assert.Single(result.Diagnostics).Code;

    private PolicyLoadOptions Required() => new() { RequireSigned = true, TrustedSigners = [PolicySigner.FromJsonWebKey(_key.ToPublicJsonWebKey())] };

    private string Write(string name, string text)
    {
        string file = Path.Combine(_folder, name);
        File.WriteAllText(file, text);
        return file;
    }

    private string Sign(string file)
    {
        File.WriteAllText(file + ".jws", _key.Sign(File.ReadAllBytes(file)));
        return file;
    }
}
