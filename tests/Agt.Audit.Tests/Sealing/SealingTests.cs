using System.Text;
using System.Text.Json;
using Agt.Audit.Notes;
using Agt.Audit.Receipts;
using Agt.Audit.Retention;
using Agt.Audit.Sealing;
using Agt.Audit.Stores;
using Agt.Audit.Tests.Log;
using Agt.Audit.Verification;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Audit.Tests.Sealing;

public sealed class SealingTests
{
    [Fact]
    [Requirement("AUD-602")]
    public void A_disclosure_and_its_digest_are_those_of_the_specification()
    {
        byte[] disclosure = Disclosure.Write([.. Enumerable.Range(0, 16).Select(i => (byte)i)], "/context/email", "\"a@b.c\""u8);
        Assert.Equal("""["AAECAwQFBgcICQoLDA0ODw","/context/email","a@b.c"]""", Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromUtf8(disclosure)));
        Assert.Equal("XJXfoPVrB7gVlNsC8tFCQoy3uTi1HS52tFy0navI54s", Disclosure.DigestOf(disclosure));
        Assert.Equal("\"a@b.c\"", Disclosure.ValueOf(disclosure, "/context/email"));
        Assert.Null(Disclosure.ValueOf(disclosure, "/context/name"));
        Assert.Null(Disclosure.ValueOf("no disclosure"u8, "/context/email"));
    }

    [Fact]
    [Requirement("AUD-601", "AUD-603", "AUD-605", "AUD-606", Partial = "the arguments of an action as a whole; classes of single members are not there")]
    [Requirement("AUD-604", "AUD-X09")]
    public async Task What_was_sealed_opens_with_the_key_and_is_gone_when_its_subject_is_erased_while_every_proof_stays()
    {
        using var fixture = new LogFixture();
        Receipt receipt;
        await using (ServiceProvider services = Services(fixture))
        {
            AuditLog log = services.GetRequiredService<AuditLog>();
            await CallAsync(services, "ann", """{"email":"ann@example.org"}""");
            await CallAsync(services, "bob", """{"email":"bob@example.org"}""");
            await log.FlushAsync(TestContext.Current.CancellationToken);
            receipt = log.Prove(Find(fixture, "ann").Index);
        }

        string everything = Encoding.UTF8.GetString([.. Directory.GetFiles(fixture.LogPath, "*", SearchOption.AllDirectories).SelectMany(File.ReadAllBytes)]);
        Assert.DoesNotContain("example.org\"", everything, StringComparison.Ordinal);
        Assert.Equal((FieldStatus.Disclosed, """{"email":"ann@example.org"}"""), Read(fixture, "ann"));

        await using (ServiceProvider services = Services(fixture))
        {
            AuditLog log = services.GetRequiredService<AuditLog>();
            Assert.True(await log.EraseAsync("ann", "GDPR Art. 17", "dpo", TestContext.Current.CancellationToken));
            Assert.False(await log.EraseAsync("ann", "GDPR Art. 17", "dpo", TestContext.Current.CancellationToken));
        }

        Assert.Equal((FieldStatus.Erased, null), Read(fixture, "ann"));
        Assert.Equal((FieldStatus.Disclosed, """{"email":"bob@example.org"}"""), Read(fixture, "bob"));
        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(fixture.LogPath);
        var key = VerifierOf(fixture);
        Assert.True(new LogVerifier(store, TrustPolicy.Of(key)).Verify(TestContext.Current.CancellationToken).IsValid);
        Assert.True(receipt.Verify(receipt.Extra.Span, TrustPolicy.Of(key), out _));
        JsonElement erasure = store.ReadLeaves(0, 100).Select(leaf => JsonDocument.Parse(leaf).RootElement).First(record => record.GetProperty("kind").GetString() == "erasure");
        Assert.Equal("dpo", erasure.GetProperty("attributes").GetProperty("agt.actor").GetString());
        Assert.Equal(64, erasure.GetProperty("attributes").GetProperty("agt.subject").GetString()!.Length);
    }

    [Fact]
    [Requirement("AUD-605")]
    public async Task What_was_changed_beside_the_log_is_a_mismatch_and_another_key_opens_nothing()
    {
        using var fixture = new LogFixture();
        await using (ServiceProvider services = Services(fixture))
        {
            await CallAsync(services, "ann", """{"email":"ann@example.org"}""");
        }

        string disclosures = Path.Combine(fixture.LogPath, "sealed", "disclosures");
        byte[] bytes = await File.ReadAllBytesAsync(disclosures, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(disclosures, bytes, TestContext.Current.CancellationToken);
        Assert.Equal(FieldStatus.Mismatch, Read(fixture, "ann").Status);
        await File.WriteAllBytesAsync(disclosures, bytes[..20], TestContext.Current.CancellationToken);
        Assert.Equal(FieldStatus.Withheld, Read(fixture, "ann").Status);
        string other = Path.Combine(fixture.Root, "other.key");
        await File.WriteAllTextAsync(other, Convert.ToBase64String(new byte[32]), TestContext.Current.CancellationToken);
        Assert.Equal(AuditStoreProblem.Key, Assert.Throws<AuditStoreException>(() => SealedLog.Open(fixture.LogPath, other)).Problem);
    }

    [Fact]
    [Requirement("AUD-610")]
    public async Task What_is_held_is_not_erased()
    {
        using var fixture = new LogFixture();
        await using ServiceProvider services = Services(fixture);
        AuditLog log = services.GetRequiredService<AuditLog>();
        await CallAsync(services, "ann", """{"email":"ann@example.org"}""");
        await log.HoldAsync(new LegalHold("case-7", "court order") { Agent = "billing-1" }, "legal", TestContext.Current.CancellationToken);

        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(async () => await log.EraseAsync("ann", "GDPR Art. 17", "dpo", TestContext.Current.CancellationToken));
        Assert.Contains("is under the legal hold 'case-7' (court order)", refused.Message, StringComparison.Ordinal);
        Assert.Equal(FieldStatus.Disclosed, Read(fixture, "ann").Status);
        Assert.False(await log.EraseAsync("bob", "GDPR Art. 17", "dpo", TestContext.Current.CancellationToken));

        await log.ReleaseHoldAsync("case-7", "closed", "legal", TestContext.Current.CancellationToken);
        Assert.True(await log.EraseAsync("ann", "GDPR Art. 17", "dpo", TestContext.Current.CancellationToken));
        Assert.Equal(FieldStatus.Erased, Read(fixture, "ann").Status);
    }

    [Fact]
    [Requirement("AUD-609")]
    public async Task What_was_sealed_for_records_that_are_purged_goes_with_them()
    {
        using var fixture = new LogFixture();
        await using ServiceProvider services = Services(fixture);
        AuditLog log = services.GetRequiredService<AuditLog>();
        for (int i = 0; i < 200; i++)
        {
            await CallAsync(services, "ann", $$"""{"number":{{i}}}""");
        }

        await log.FlushAsync(TestContext.Current.CancellationToken);
        log.Publish();
        string file = Path.Combine(fixture.LogPath, "sealed", "disclosures");
        long before = new FileInfo(file).Length;
        services.GetRequiredService<Microsoft.Extensions.Options.IOptions<AuditOptions>>().Value.Retention.Period = TimeSpan.FromTicks(1);
        Assert.NotEqual(0, (await log.PurgeAsync("ops", cancellationToken: TestContext.Current.CancellationToken)).Count);
        Assert.InRange(new FileInfo(file).Length, 1, before - 1);
        await CallAsync(services, "bob", """{"number":7}""");
        await log.FlushAsync(TestContext.Current.CancellationToken);
        (long index, ReadOnlyMemory<byte> leaf) = log.Read(log.First, log.Size).Select((leaf, i) => (log.First + i, leaf)).First(entry => Encoding.UTF8.GetString(entry.leaf.Span).Contains("\"agt.user\":\"ann", StringComparison.Ordinal) && Encoding.UTF8.GetString(entry.leaf.Span).Contains("_sd", StringComparison.Ordinal));
        using SealedLog opened = SealedLog.Open(fixture.LogPath, Path.Combine(fixture.LogPath, "seal.key"));
        Assert.Equal(FieldStatus.Disclosed, opened.ReadArguments(index, leaf, out _));
    }

    private static ServiceProvider Services(LogFixture fixture)
    {
        var services = new ServiceCollection();
        services.AddGovernance(options => options.RequirePolicy = false).AddInterceptor(new TestInterceptor("rules"))
            .AddAudit(options => (options.Directory, options.Origin, options.Context) = (fixture.LogPath, fixture.Options.Origin, ContextCapture.Sealed));
        return services.BuildServiceProvider();
    }

    private static VerifierKey VerifierOf(LogFixture fixture)
    {
        Assert.True(VerifierKey.TryParse(File.ReadAllText(Path.Combine(fixture.LogPath, "log.key.pub")).Trim(), out VerifierKey? key));
        return key;
    }

    private static async Task CallAsync(ServiceProvider services, string user, string arguments)
    {
        var principal = new Principal(AgentId.Parse("billing-1"), user);
        IGovernance governance = services.GetRequiredService<IGovernance>();
        await using GovernanceSession session = await governance.OpenSessionAsync(principal, null, CancellationToken.None);
        var tool = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", principal, new ToolIdentity("Mail.Send"), "test");
        GovernedResult<string> result = await governance.InvokeAsync(new GovernedAction(tool, session, GovernedValue.FromJson(arguments)), 0, static (_, _, _) => new ValueTask<string>("sent"), TextCodec.Instance, CancellationToken.None);
        Assert.True(result.IsAllowed, result.Decision.ToString());
    }

    private static (long Index, ReadOnlyMemory<byte> Leaf) Find(LogFixture fixture, string user)
    {
        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(fixture.LogPath);
        return store.ReadLeaves(0, 1_000).Select((leaf, i) => ((long)i, leaf)).First(entry =>
        {
            string text = Encoding.UTF8.GetString(entry.leaf.Span);
            return text.Contains("\"agt.user\":\"" + user, StringComparison.Ordinal) && text.Contains("Mail.Send", StringComparison.Ordinal) && text.Contains("\"kind\":\"decision\"", StringComparison.Ordinal);
        });
    }

    private static (FieldStatus Status, string? Arguments) Read(LogFixture fixture, string user)
    {
        (long index, ReadOnlyMemory<byte> leaf) = Find(fixture, user);
        using SealedLog opened = SealedLog.Open(fixture.LogPath, Path.Combine(fixture.LogPath, "seal.key"));
        return (opened.ReadArguments(index, leaf, out string? arguments), arguments);
    }
}
