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

    [Fact]
    [Requirement("AUD-601", "AUD-602", "AUD-603", "AUD-605", "AUD-606")]
    public async Task Members_are_sealed_one_by_one_and_secrets_are_kept_nowhere()
    {
        const string Arguments = """{"amount":7,"card":{"Number":"4111","pin":"hunter2"},"to":[{"email":"ann@example.org","name":"A"},{"email":"bob@example.org","name":"B"}]}""";
        using var fixture = new LogFixture();
        await using (ServiceProvider services = Services(fixture, ContextCapture.Clear, new MemberRule("/to/*/email", MemberClass.Personal), new MemberRule("/card", MemberClass.Personal), new MemberRule("/**/PIN", MemberClass.Secret)))
        {
            await CallAsync(services, "ann", Arguments);
        }

        string everything = Encoding.UTF8.GetString([.. Directory.GetFiles(fixture.LogPath, "*", SearchOption.AllDirectories).SelectMany(File.ReadAllBytes)]);
        foreach (string personal in new[] { "example.org\"", "4111", "hunter2" })
        {
            Assert.DoesNotContain(personal, everything, StringComparison.Ordinal);
        }

        (long index, ReadOnlyMemory<byte> leaf) = Find(fixture, "ann");
        JsonElement arguments = JsonDocument.Parse(leaf).RootElement.GetProperty("context").GetProperty("arguments");
        Assert.Equal((7, "B"), (arguments.GetProperty("amount").GetInt32(), arguments.GetProperty("to")[1].GetProperty("name").GetString()));
        Assert.Equal(["_sd"], arguments.GetProperty("card").EnumerateObject().Select(member => member.Name));

        IReadOnlyList<SealedField> fields;
        using (SealedLog opened = SealedLog.Open(fixture.LogPath, Path.Combine(fixture.LogPath, "seal.key")))
        {
            fields = opened.ReadFields(index, leaf);
            Assert.Equal(FieldStatus.Disclosed, opened.ReadArguments(index, leaf, out string? all));
            Assert.Equal(Arguments.Replace("\"hunter2\"", """{"_redacted":"secret"}""", StringComparison.Ordinal), all);
        }

        Assert.Equal(
            [("/context/arguments/card", FieldStatus.Disclosed, """{"Number":"4111","pin":{"_redacted":"secret"}}"""), ("/context/arguments/to/0/email", FieldStatus.Disclosed, "\"ann@example.org\""), ("/context/arguments/to/1/email", FieldStatus.Disclosed, "\"bob@example.org\"")],
            fields.Select(found => (found.Path, found.Status, found.Value!)));

        // An auditor who is given one of them can check it, and it fits nowhere else.
        Assert.Equal(fields[1], SealedField.Verify(leaf, fields[1].Disclosure!));
        Assert.Equal(FieldStatus.Mismatch, SealedField.Verify(leaf, fields[1].Disclosure![..^1]).Status);
        Assert.Equal(FieldStatus.Mismatch, SealedField.Verify("{}"u8.ToArray(), fields[1].Disclosure!).Status);

        await using (ServiceProvider services = Services(fixture, ContextCapture.Clear, new MemberRule("/to/*/email", MemberClass.Personal)))
        {
            Assert.True(await services.GetRequiredService<AuditLog>().EraseAsync("ann", "GDPR Art. 17", "dpo", TestContext.Current.CancellationToken));
        }

        using SealedLog erased = SealedLog.Open(fixture.LogPath, Path.Combine(fixture.LogPath, "seal.key"));
        Assert.All(erased.ReadFields(index, leaf), found => Assert.Equal((FieldStatus.Erased, null), (found.Status, found.Value)));
        Assert.Equal(FieldStatus.Erased, erased.ReadArguments(index, leaf, out string? rest));
        Assert.Contains("\"amount\":7", rest, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ContextCapture.Sealed)]
    [InlineData(ContextCapture.Clear)]
    [Requirement("AUD-601")]
    public async Task A_secret_is_in_no_file_whatever_else_is_kept(ContextCapture capture)
    {
        using var fixture = new LogFixture();
        await using (ServiceProvider services = Services(fixture, capture, new MemberRule("/**/password", MemberClass.Secret)))
        {
            await CallAsync(services, "ann", """{"login":{"Password":{"value":"hunter2"},"user":"ann"}}""");
        }

        Assert.Equal((capture == ContextCapture.Clear ? FieldStatus.Clear : FieldStatus.Disclosed, """{"login":{"Password":{"_redacted":"secret"},"user":"ann"}}"""), Read(fixture, "ann", sealKey: capture == ContextCapture.Sealed));
        Assert.DoesNotContain("hunter2", Encoding.UTF8.GetString([.. Directory.GetFiles(fixture.LogPath, "*", SearchOption.AllDirectories).SelectMany(File.ReadAllBytes)]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/a", "a", true)]
    [InlineData("/A", "a", true)]
    [InlineData("/a", "a/b", false)]
    [InlineData("/a/*", "a/b", true)]
    [InlineData("/a/*", "a", false)]
    [InlineData("/**/c", "c", true)]
    [InlineData("/**/c", "a/b/c", true)]
    [InlineData("/**/c", "a/c/b", false)]
    [InlineData("/a/**", "a/b/c", true)]
    [InlineData("/a/**/c/*", "a/x/c/0", true)]
    public void Paths_name_members(string rule, string path, bool matches) => Assert.Equal(matches, new MemberRule(rule, MemberClass.Secret).Matches(path.Split('/')));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("/")]
    [InlineData("/a//b")]
    [InlineData("/**/**/**/a")]
    public void A_path_that_names_nothing_is_refused(string path)
    {
        using var fixture = new LogFixture();
        fixture.Options.Members.Add(new MemberRule(path, MemberClass.Personal));
        Assert.Contains("which is no path", Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => fixture.Open()).Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Services(LogFixture fixture, ContextCapture capture = ContextCapture.Sealed, params MemberRule[] rules)
    {
        var services = new ServiceCollection();
        services.AddGovernance(options => options.RequirePolicy = false).AddInterceptor(new TestInterceptor("rules"))
            .AddAudit(options =>
        {
            (options.Directory, options.Origin, options.Context) = (fixture.LogPath, fixture.Options.Origin, capture);
            foreach (MemberRule rule in rules)
            {
                options.Members.Add(rule);
            }
        });
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

    private static (FieldStatus Status, string? Arguments) Read(LogFixture fixture, string user, bool sealKey = true)
    {
        (long index, ReadOnlyMemory<byte> leaf) = Find(fixture, user);
        if (!sealKey)
        {
            return (FieldStatus.Clear, JsonDocument.Parse(leaf).RootElement.GetProperty("context").GetProperty("arguments").GetRawText());
        }

        using SealedLog opened = SealedLog.Open(fixture.LogPath, Path.Combine(fixture.LogPath, "seal.key"));
        return (opened.ReadArguments(index, leaf, out string? arguments), arguments);
    }
}
