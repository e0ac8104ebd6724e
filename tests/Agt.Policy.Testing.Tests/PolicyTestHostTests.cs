using Xunit;

namespace Agt.Policy.Testing.Tests;

public sealed class PolicyTestHostTests
{
    private const string Refunds = """
        apiVersion: governance.toolkit/v1
        name: refunds
        agents: ['*']
        rules:
          - name: small
            condition: tool_name == 'refund' and args.amount <= 500
            action: allow
          - name: large
            condition: tool_name == 'refund' and args.amount > 500
            action: require_approval
            approvers: [finance]
          - name: odd
            condition: tool_name == 'refund' and args.amount == 13
            action: warn
          - name: cards
            condition: tool_name == 'refund' and has(args.card)
            action: transform
            transforms:
              - path: args.card
                op: set
                value: hidden
          - name: often
            condition: tool_name == 'refund' and args.often == true
            action: rate_limit
            limit: 1/minute
          - name: secret
            condition: output.secret == true
            action: deny
            stage: post_tool
        """;

    [Fact]
    public async Task Allowed_denied_warned_and_changed_calls_pass_their_assertions()
    {
        await using var policy = PolicyTestHost.FromText(Refunds);
        (await policy.Tool("refund").With("""{"amount":20}""").Returning("""{"ok":true}""").DecideAsync()).ShouldBeAllowed(by: "small").ShouldReturn("""{ "ok" : true }""");
        (await policy.Tool("refund").With("""{"amount":13}""").DecideAsync()).ShouldBeWarned(by: "odd");
        (await policy.Tool("refund").With("""{"amount":1,"card":"4111"}""").DecideAsync()).ShouldRunWith("""{"card":"hidden","amount":1}""");
        (await policy.Tool("delete").DecideAsync()).ShouldBeDenied(because: "default_deny");
        PolicyOutcome withheld = (await policy.Tool("refund").With("""{"amount":1}""").Returning("""{"secret":true}""").DecideAsync()).ShouldBeDenied(by: "secret");
        Assert.True(withheld.Executed);
        Assert.Null(withheld.Result);
    }

    [Fact]
    public async Task Approval_is_refused_unless_the_test_says_otherwise()
    {
        await using var policy = PolicyTestHost.FromText(Refunds);
        PolicyCall call = policy.Tool("refund").By("bot", user: "carol").With("""{"amount":620}""");
        (await call.DecideAsync()).ShouldNeedApproval(by: "large", from: "finance").ShouldBeDenied(because: "approval_denied");
        policy.OnApproval = request => request.Principal.User == "carol";
        (await call.DecideAsync()).ShouldNeedApproval().ShouldBeAllowed();
    }

    [Fact]
    public async Task The_clock_stands_still_until_it_is_moved()
    {
        await using var policy = PolicyTestHost.FromText(Refunds);
        PolicyCall call = policy.Tool("refund").With("""{"amount":1,"often":true}""");
        (await call.DecideAsync()).ShouldBeAllowed();
        (await call.DecideAsync()).ShouldBeDenied(because: "rate_limited");
        policy.Time.Advance(TimeSpan.FromMinutes(1));
        (await call.DecideAsync()).ShouldBeAllowed();
    }

    [Fact]
    public async Task A_failed_assertion_says_what_happened_instead()
    {
        await using var policy = PolicyTestHost.FromText(Refunds);
        PolicyOutcome small = await policy.Tool("refund").With("""{"amount":20}""").DecideAsync();
        PolicyOutcome none = await policy.Tool("delete").DecideAsync();
        Action[] wrong =
        [
            () => small.ShouldBeDenied(), () => small.ShouldBeAllowed(by: "large"), () => small.ShouldNeedApproval(), () => small.ShouldBeWarned(), () => small.ShouldRunWith("{}"),
            () => small.ShouldReturn("{}"), () => none.ShouldBeAllowed(), () => none.ShouldBeDenied(because: "rule_denied"), () => none.ShouldRunWith("{}"), () => none.ShouldReturn("null"),
        ];
        Assert.All(wrong, assertion => Assert.Throws<PolicyAssertionException>(assertion));
        PolicyAssertionException exception = Assert.Throws<PolicyAssertionException>(() => small.ShouldBeDenied());
        Assert.Contains("rule 'small' of refunds", exception.Message, StringComparison.Ordinal);
        Assert.Contains("ran with {\"amount\":20}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_policy_or_no_json_is_refused_with_the_place()
    {
        Assert.Contains("AGTP", Assert.ThrowsAny<Exception>(() => PolicyTestHost.FromText("apiVersion: governance.toolkit/v1\nname: x\nrulez: []")).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() => PolicyTestHost.FromFile("not-there.yaml"));
        await using var policy = PolicyTestHost.FromText(Refunds);
        await Assert.ThrowsAsync<ArgumentException>(() => policy.Tool("refund").With("[1]").DecideAsync());
        await Assert.ThrowsAsync<ArgumentException>(() => policy.Tool("refund").With("{").DecideAsync());
        await Assert.ThrowsAsync<ArgumentException>(() => policy.Tool("refund").Returning("{").DecideAsync());
    }

    [Fact]
    public async Task Labels_agents_and_effects_reach_the_rules()
    {
        await using var policy = PolicyTestHost.FromText("""
            apiVersion: governance.toolkit/v1
            name: labels
            agent: reader
            default_action: allow
            rules:
              - name: no-pii
                condition: session.labels contains 'pii' or tenant == 'blocked'
                action: deny
            """);
        (await policy.Tool("t").By("reader").DecideAsync()).ShouldBeAllowed();
        (await policy.Tool("t").By("reader").InSessionLabelled("pii").DecideAsync()).ShouldBeDenied(by: "no-pii");
        (await policy.Tool("t").By("reader", tenant: "blocked").DecideAsync()).ShouldBeDenied(by: "no-pii");
        (await policy.Tool("t").By("other").DecideAsync()).ShouldBeDenied();
    }
}
