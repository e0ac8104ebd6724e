using System.Net;
using System.Text;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Audit.Tests.Log;
using Agt.Audit.Verification;
using Agt.Audit.Witnessing;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Audit.Tests.Witnessing;

public sealed class WitnessTests
{
    [Fact]
    [Requirement("AUD-318", "AUD-314")]
    public async Task A_witness_cosigns_a_log_that_only_grew_and_says_why_it_does_not()
    {
        using var fixture = new LogFixture();
        using var key = AuditKey.Create("witness.example", VerifierKey.CosignatureType);
        Witness witness = New(fixture, key);
        await using AuditLog log = fixture.Open();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => log.AppendAsync(LogFixture.Event(i)).AsTask()));
        SignedCheckpoint first = log.Publish();
        Assert.Equal(200, Ask(witness, 0, first).Status);
        await log.AppendAsync(LogFixture.Event(1));
        SignedCheckpoint second = log.Publish();
        LogHash[] proof = [.. log.ProveConsistency(first.Checkpoint.Size, second.Checkpoint.Size)];

        WitnessAnswer behind = Ask(witness, 0, second);
        Assert.Equal((409, "text/x.tlog.size", "21\n"), (behind.Status, behind.ContentType, behind.Body));
        Assert.Equal(422, Ask(witness, 21, second).Status);
        Assert.Equal(422, Ask(witness, 21, second, [.. proof.Reverse(), default]).Status);
        WitnessAnswer good = Ask(witness, 21, second, proof);
        Assert.Equal(200, good.Status);
        Assert.True(SignedNote.TryParseLine(good.Body.TrimEnd('\n'), out NoteSignature? cosignature));
        Assert.True(key.Key.Verify(second.Checkpoint.ToString(), cosignature.Value.Span, out DateTimeOffset? at));
        Assert.NotNull(at);

        // The same again, by a witness that was started anew; and an older one, which would be a step back.
        Assert.Equal(200, Ask(New(fixture, key), 22, second).Status);
        Assert.Equal(400, Ask(witness, 22, first).Status);
        Assert.Equal(409, Ask(witness, 21, first).Status);
        Assert.Equal(400, witness.AddCheckpoint("nonsense"u8).Status);
        Assert.Equal(400, Ask(witness, 22, second, new LogHash[64]).Status);

        using AuditKey stranger = AuditKey.Create("stranger");
        Assert.Equal(404, Ask(witness, 0, Signed(stranger, 5, default)).Status);
        using AuditKey forger = AuditKey.Create(fixture.Verifier.Name);
        Assert.Equal(403, Ask(witness, 22, Signed(forger, 30, default)).Status);
        Assert.Equal(409, Ask(witness, 22, Signed(fixture.Key, 22, MerkleTree.HashLeaf("another"u8))).Status);
    }

    [Fact]
    [Requirement("AUD-313", "AUD-315")]
    public async Task Checkpoints_of_a_log_with_witnesses_satisfy_a_policy_that_asks_for_them()
    {
        using var fixture = new LogFixture();
        using var one = AuditKey.Create("one.example", VerifierKey.CosignatureType);
        using var two = AuditKey.Create("two.example", VerifierKey.CosignatureType);
        var network = new Network();
        network.Add("one.example", New(fixture, one));
        network.Add("two.example", New(fixture, two));
        fixture.Options.Witnesses.Add(new WitnessEndpoint(one.Key, new Uri("https://one.example/")));
        fixture.Options.Witnesses.Add(new WitnessEndpoint(two.Key, new Uri("https://two.example/prefix/")));
        fixture.Options.WitnessHandler = network;
        await fixture.WriteAsync(10);
        await fixture.WriteAsync(10);
        Assert.True(TrustPolicy.TryParse($"log {fixture.Verifier}\nwitness a {one.Key}\nwitness b {two.Key}\ngroup both all a b\nquorum both\n", out TrustPolicy? policy, out _));
        using (SegmentAuditStore store = SegmentAuditStore.OpenForReading(fixture.LogPath))
        {
            LogVerification result = new LogVerifier(store, policy).Verify(TestContext.Current.CancellationToken);
            Assert.True(result.IsValid, result.Error);
            Assert.DoesNotContain(result.Findings, finding => finding.Kind == "unwitnessed");
        }

        // One that is down holds nothing up, and the policy that asks for both is not satisfied.
        network.Remove("two.example");
        await fixture.WriteAsync(10);
        using SegmentAuditStore later = SegmentAuditStore.OpenForReading(fixture.LogPath);
        Assert.False(new LogVerifier(later, policy).Verify(TestContext.Current.CancellationToken).IsTrusted);
        Assert.Equal(36, later.Size);
    }

    [Fact]
    [Requirement("AUD-408", "AUD-409")]
    public async Task What_cannot_be_undone_waits_for_witnesses_and_is_denied_without_them()
    {
        using var fixture = new LogFixture();
        using var one = AuditKey.Create("one.example", VerifierKey.CosignatureType);
        var network = new Network();
        network.Add("one.example", New(fixture, one));
        var services = new ServiceCollection();
        services.AddGovernance(options => options.RequirePolicy = false).AddInterceptor(new TestInterceptor("rules")).AddAudit(options =>
        {
            (options.Directory, options.Origin, options.Durability, options.AppendDeadline) = (fixture.LogPath, fixture.Options.Origin, AuditDurability.Witnessed, TimeSpan.FromMilliseconds(400));
            options.CheckpointInterval = TimeSpan.FromHours(1);
            options.WitnessHandler = network;
            options.Witnesses.Add(new WitnessEndpoint(one.Key, new Uri("https://one.example/")));
        });

        // The log makes its key when it is opened first; the witness has to know it.
        await using ServiceProvider provider = services.BuildServiceProvider();
        AuditLog log = provider.GetRequiredService<AuditLog>();
        network.Add("one.example", new Witness(one, [log.Key], Path.Combine(fixture.Root, "one")));
        Assert.True(await CallAsync(provider, ToolEffects.Irreversible));
        Assert.InRange(log.WitnessedSize, 1, log.Size);
        Assert.Contains(log.Checkpoint.Note.Signatures, signature => signature.KeyId == one.Key.KeyId);
        Assert.True(await CallAsync(provider, ToolEffects.None));
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => CallAsync(provider, ToolEffects.Irreversible))), Assert.True);

        network.Remove("one.example");
        Assert.False(await CallAsync(provider, ToolEffects.Irreversible));
        Assert.True(await CallAsync(provider, ToolEffects.Writes));
        Assert.True(await CallAsync(provider, ToolEffects.Reads));
    }

    [Fact]
    public void A_quorum_needs_as_many_witnesses()
    {
        using var fixture = new LogFixture();
        fixture.Options.Durability = AuditDurability.Witnessed;
        Assert.Contains("WitnessQuorum is 1, and there are 0 witnesses", Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => fixture.Open()).Message, StringComparison.Ordinal);
    }

    private static async Task<bool> CallAsync(ServiceProvider services, ToolEffects effects)
    {
        var principal = new Principal(AgentId.Parse("billing-1"));
        IGovernance governance = services.GetRequiredService<IGovernance>();
        await using GovernanceSession session = await governance.OpenSessionAsync(principal, null, CancellationToken.None);
        var tool = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", principal, new ToolIdentity("Bank.Pay", effects: effects), "test");
        GovernedResult<string> result = await governance.InvokeAsync(new GovernedAction(tool, session, GovernedValue.FromJson("{}")), 0, static (_, _, _) => new ValueTask<string>("paid"), TextCodec.Instance, CancellationToken.None);
        return result.IsAllowed;
    }

    private static Witness New(LogFixture fixture, AuditKey key) => new(key, [fixture.Verifier], Path.Combine(fixture.Root, key.Key.Name));

    private static SignedCheckpoint Signed(AuditKey key, long size, LogHash root)
    {
        var checkpoint = new Checkpoint(key.Key.Name, size, root);
        return new SignedCheckpoint(checkpoint, new SignedNote(checkpoint.ToString(), [new NoteSignature(key.Key.Name, key.Key.KeyId, key.Sign(checkpoint.ToString()))]));
    }

    private static WitnessAnswer Ask(Witness witness, long old, SignedCheckpoint checkpoint, params LogHash[] proof) =>
        witness.AddCheckpoint(Encoding.UTF8.GetBytes($"old {old}\n{string.Concat(proof.Select(hash => hash.ToBase64() + "\n"))}\n{checkpoint.Note}"));

    /// <summary>Witnesses by host name, without a network.</summary>
    private sealed class Network : HttpMessageHandler
    {
        private readonly Dictionary<string, Witness> _witnesses = [];

        internal void Add(string host, Witness witness) => _witnesses[host] = witness;

        internal void Remove(string host) => _witnesses.Remove(host);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.EndsWith("/add-checkpoint", request.RequestUri!.AbsolutePath, StringComparison.Ordinal);
            if (!_witnesses.TryGetValue(request.RequestUri.Host, out Witness? witness))
            {
                throw new HttpRequestException("there is nobody");
            }

            WitnessAnswer answer = witness.AddCheckpoint(await request.Content!.ReadAsByteArrayAsync(cancellationToken));
            return new HttpResponseMessage((HttpStatusCode)answer.Status) { Content = new StringContent(answer.Body, Encoding.UTF8, answer.ContentType) };
        }
    }
}
