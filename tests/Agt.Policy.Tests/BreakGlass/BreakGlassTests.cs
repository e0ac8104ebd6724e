using System.Security.Cryptography;
using Agt.Policy.BreakGlass;
using Agt.Policy.Tests.Evaluation;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Policy.Tests.BreakGlass;

/// <summary>Policy overridden in an emergency.</summary>
public sealed class BreakGlassTests : IDisposable
{
    private const string Policy = "apiVersion: governance.toolkit/v1\nname: prod\nagents: ['*']\nrules:\n  - {name: no-restart, condition: \"tool_name == 'restart'\", action: deny}\n" +
        "  - {name: never-prod, condition: \"args.target == 'billing'\", action: deny}\n  - {name: may, condition: \"tool_name in ['restart', 'read']\", action: allow}\n" +
        "  - {name: ask, condition: \"tool_name == 'deploy'\", action: require_approval}\n  - {name: odd, condition: \"tool_name == 'odd' and args.x > 'a'\", action: deny}\n";

    private readonly ECDsa _ann = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _bob = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly List<(BreakGlassEvent What, string By)> _happened = [];

    [Fact]
    public async Task Two_people_lift_one_rule_for_one_tool_and_every_record_says_so()
    {
        await using PolicyHost host = Host(out Agt.Policy.BreakGlass.BreakGlass glass);
        Assert.False((await host.DecideAsync("restart")).IsAllowed);
        BreakGlassGrant grant = Grant(host, "prod/no-restart");
        glass.Activate(grant, Sign("ann", _ann, grant), Sign("bob", _bob, grant));
        Decision lifted = await host.DecideAsync("restart");
        Assert.Equal((VerdictOutcome.Warn, "policy:break_glass", "no-restart"), (lifted.Outcome, lifted.Reason.Code, lifted.Detail.Rule));
        Assert.Contains("INC-1", lifted.Detail.Explanation, StringComparison.Ordinal);
        Assert.Contains("ann and bob", lifted.Detail.Explanation, StringComparison.Ordinal);
        Assert.Contains("rule_denied of prod/no-restart", lifted.Detail.Explanation, StringComparison.Ordinal);
        Assert.False((await host.DecideAsync("restart", """{"target":"billing"}""")).IsAllowed);
        Assert.False((await host.DecideAsync("delete")).IsAllowed);
        Assert.Equal([BreakGlassEvent.Activated, BreakGlassEvent.Used], _happened.Select(happened => happened.What));
    }

    [Fact]
    public async Task It_ends_by_itself_and_can_be_ended()
    {
        await using PolicyHost host = Host(out Agt.Policy.BreakGlass.BreakGlass glass);
        BreakGlassGrant grant = Grant(host, "prod/no-restart");
        glass.Activate(grant, Sign("ann", _ann, grant), Sign("bob", _bob, grant));
        host.Time.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromTicks(1));
        Assert.True((await host.DecideAsync("restart")).IsAllowed);
        host.Time.Advance(TimeSpan.FromTicks(1));
        Assert.False((await host.DecideAsync("restart")).IsAllowed);
        Assert.Empty(glass.Active);
        BreakGlassGrant second = Grant(host, "prod/no-restart") with { Id = "second" };
        glass.Activate(second, Sign("ann", _ann, second), Sign("bob", _bob, second));
        Assert.True((await host.DecideAsync("restart")).IsAllowed);
        Assert.True(glass.Revoke("second", "carol"));
        Assert.False(glass.Revoke("second", "carol"));
        Assert.False((await host.DecideAsync("restart")).IsAllowed);
        Assert.Equal([BreakGlassEvent.Activated, BreakGlassEvent.Used, BreakGlassEvent.Expired, BreakGlassEvent.Activated, BreakGlassEvent.Used, BreakGlassEvent.Revoked], _happened.Select(happened => happened.What));
    }

    [Fact]
    public async Task A_grant_that_has_not_begun_does_not_hold_yet()
    {
        await using PolicyHost host = Host(out Agt.Policy.BreakGlass.BreakGlass glass);
        DateTimeOffset now = host.Time.GetUtcNow();
        BreakGlassGrant grant = Grant(host, "prod/no-restart") with { NotBefore = now.AddMinutes(5), ExpiresAt = now.AddMinutes(10) };
        glass.Activate(grant, Sign("ann", _ann, grant), Sign("bob", _bob, grant));
        Assert.False((await host.DecideAsync("restart")).IsAllowed);
        host.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.True((await host.DecideAsync("restart")).IsAllowed);
    }

    [Fact]
    public async Task Defaults_approvals_and_lists_are_lifted_when_they_are_named_and_errors_never_are()
    {
        await using PolicyHost host = Host(out Agt.Policy.BreakGlass.BreakGlass glass);
        BreakGlassGrant grant = Grant(host, "prod/default_deny", "prod/ask", "prod/odd") with { Tools = ["unknown", "deploy", "odd"] };
        glass.Activate(grant, Sign("ann", _ann, grant), Sign("bob", _bob, grant));
        Assert.True((await host.DecideAsync("unknown")).IsAllowed);
        Assert.Equal("policy:break_glass", (await host.DecideAsync("deploy")).Reason.Code);
        Assert.Equal(ReasonCodes.PolicyEvaluationError, (await host.DecideAsync("odd", """{"x":1}""")).Reason);
    }

    [Fact]
    public async Task A_call_that_is_let_through_counts_once_in_a_rate_limit()
    {
        string paced = Policy + "  - {name: pace, condition: \"tool_name == 'deploy'\", action: rate_limit, limit: 2/hour}\n";
        await using PolicyHost host = Host(out Agt.Policy.BreakGlass.BreakGlass glass, paced);
        BreakGlassGrant grant = Grant(host, "prod/ask") with { Tools = ["deploy"] };
        glass.Activate(grant, Sign("ann", _ann, grant), Sign("bob", _bob, grant));
        Assert.True((await host.DecideAsync("deploy")).IsAllowed);
        Assert.True((await host.DecideAsync("deploy")).IsAllowed);
        Assert.Equal(ReasonCodes.RateLimitExceeded, (await host.DecideAsync("deploy")).Reason);
    }

    [Fact]
    public async Task A_grant_is_for_the_agents_tools_and_session_it_names()
    {
        await using PolicyHost host = Host(out Agt.Policy.BreakGlass.BreakGlass glass);
        BreakGlassGrant[] others =
        [
            Grant(host, "prod/no-restart") with { Id = "1", Agents = [AgentId.Parse("agent-2")] },
            Grant(host, "prod/no-restart") with { Id = "2", Tools = ["Restart", "rest\u0430rt", "restart "] },
            Grant(host, "prod/no-restart") with { Id = "3", Session = "another" },
            Grant(host, "Prod/no-restart", "prod/No-Restart", "other/no-restart") with { Id = "4" },
        ];
        foreach (BreakGlassGrant grant in others)
        {
            glass.Activate(grant, Sign("ann", _ann, grant), Sign("bob", _bob, grant));
        }

        Assert.False((await host.DecideAsync("restart")).IsAllowed);
    }

    [Fact]
    public async Task Nobody_profits_from_what_they_signed()
    {
        await using PolicyHost host = Host(out Agt.Policy.BreakGlass.BreakGlass glass);
        BreakGlassGrant grant = Grant(host, "prod/no-restart");
        glass.Activate(grant, Sign("ann", _ann, grant), Sign("bob", _bob, grant));
        CompiledPolicySet set = host.Engine.Current;
        await using GovernanceSession session = await host.Governance.OpenSessionAsync(new Principal(AgentId.Parse("agent-1"), "Ann"));
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", session.Principal, new ToolIdentity("restart"), "tests");
        GovernedResult<string> result = await host.Governance.InvokeAsync(new GovernedAction(template, session, default), 0, static (_, _, _) => ValueTask.FromResult("done"), TextCodec.Instance);
        Assert.False(result.Executed);
        Assert.NotNull(set);
    }

    [Fact]
    public async Task What_is_not_signed_by_two_authorised_people_is_refused()
    {
        await using PolicyHost host = Host(out Agt.Policy.BreakGlass.BreakGlass glass);
        BreakGlassGrant grant = Grant(host, "prod/no-restart");
        using var eve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        BreakGlassSignature ann = Sign("ann", _ann, grant);
        BreakGlassSignature bob = Sign("bob", _bob, grant);
        byte[] bent = bob.Value.ToArray();
        bent[10] ^= 1;
        Refused(grant, ann);
        Refused(grant, ann, ann);
        Refused(grant, ann, Sign("bob", _ann, grant));
        Refused(grant, ann, Sign("eve", eve, grant));
        Refused(grant, ann, Sign("Bob", _bob, grant));
        Refused(grant, ann, bob with { Value = bent });
        Refused(grant, ann, bob with { Value = default });
        foreach (BreakGlassGrant altered in new[]
        {
            grant with { Tools = ["restart", "delete"] }, grant with { Lifts = ["prod/no-restart", "prod/never-prod"] }, grant with { ExpiresAt = grant.ExpiresAt.AddTicks(1) },
            grant with { Agents = [AgentId.Parse("agent-2")] }, grant with { Reason = "Another." }, grant with { Id = "other" }, grant with { Session = "s" }, grant with { NotBefore = grant.NotBefore.AddTicks(1) },
        })
        {
            Refused(altered, ann, bob);
        }

        glass.Activate(grant, ann, bob);
        Refused(grant, ann, bob);

        void Refused(BreakGlassGrant given, params IReadOnlyList<BreakGlassSignature> signatures) => Assert.Throws<BreakGlassException>(() => glass.Activate(given, signatures));
    }

    [Fact]
    public async Task What_is_too_long_too_broad_or_says_nothing_is_refused()
    {
        await using PolicyHost host = Host(out Agt.Policy.BreakGlass.BreakGlass glass);
        BreakGlassGrant grant = Grant(host, "prod/no-restart");
        foreach (BreakGlassGrant bad in new[]
        {
            grant with { ExpiresAt = grant.NotBefore.AddMinutes(60).AddTicks(1) }, grant with { ExpiresAt = grant.NotBefore }, grant with { NotBefore = grant.NotBefore.AddHours(-2), ExpiresAt = grant.NotBefore.AddHours(-1) },
            grant with { NotBefore = grant.NotBefore.AddHours(2), ExpiresAt = grant.NotBefore.AddHours(3) }, grant with { Tools = [] }, grant with { Tools = ["*"] }, grant with { Agents = [] },
            grant with { Lifts = [] }, grant with { Lifts = ["no-restart"] }, grant with { Lifts = ["/x"] }, grant with { Reason = " " }, grant with { Ticket = "" }, grant with { Id = "" },
        })
        {
            Assert.Throws<BreakGlassException>(() => glass.Activate(bad, Sign("ann", _ann, bad), Sign("bob", _bob, bad)));
        }
    }

    [Fact]
    public void Two_people_need_two_names_and_two_keys()
    {
        string ann = _ann.ExportSubjectPublicKeyInfoPem();
        string bob = _bob.ExportSubjectPublicKeyInfoPem();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Throws<ArgumentException>(() => new BreakGlassOptions().AddSigner("ann", ann).AddSigner("bob", ann));
        Assert.Throws<ArgumentException>(() => new BreakGlassOptions().AddSigner("ann", ann).AddSigner("Ann", bob));
        Assert.Throws<ArgumentException>(() => new BreakGlassOptions().AddSigner("ann", "no key"));
        Assert.Throws<ArgumentException>(() => new BreakGlassOptions().AddSigner("ann", other.ExportSubjectPublicKeyInfoPem()));
        Assert.Throws<ArgumentException>(() => new Agt.Policy.BreakGlass.BreakGlass(new BreakGlassOptions().AddSigner("ann", ann)));
        Assert.Throws<ArgumentException>(() => new Agt.Policy.BreakGlass.BreakGlass(new BreakGlassOptions { MaxDuration = TimeSpan.FromHours(25) }.AddSigner("ann", ann).AddSigner("bob", bob)));
    }

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
    }

    private static BreakGlassSignature Sign(string person, ECDsa key, BreakGlassGrant grant) => new(person, key.SignData(grant.ToBeSigned(), HashAlgorithmName.SHA256));

    private static BreakGlassGrant Grant(PolicyHost host, params string[] lifts) => new()
    {
        Id = "grant-1", Lifts = lifts, Agents = [AgentId.Parse("agent-1")], Tools = ["restart"], Reason = "The payment service hangs.", Ticket = "INC-1",
        NotBefore = host.Time.GetUtcNow(), ExpiresAt = host.Time.GetUtcNow().AddMinutes(30),
    };

    private PolicyHost Host(out Agt.Policy.BreakGlass.BreakGlass glass, string policy = Policy)
    {
        var host = new PolicyHost(policy, builder => builder.AddBreakGlass(options => options.AddSigner("ann", _ann.ExportSubjectPublicKeyInfoPem()).AddSigner("bob", _bob.ExportSubjectPublicKeyInfoPem())));
        glass = host.Resolve<Agt.Policy.BreakGlass.BreakGlass>();
        glass.Happened += (_, happened) => _happened.Add((happened.What, happened.By));
        return host;
    }
}
