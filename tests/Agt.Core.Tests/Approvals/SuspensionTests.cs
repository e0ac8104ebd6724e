using System.Security.Claims;
using Agt.Approvals;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests.Approvals;

/// <summary>Actions that are suspended in one host and resumed in another, which share keys and a directory.</summary>
public sealed class SuspensionTests : IDisposable
{
    private static readonly SessionId Session = new("s-1");
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "agt-tickets-" + Guid.NewGuid().ToString("N"));
    private readonly ApprovalTicketKey _key = ApprovalTicketKey.Generate(out _);
    private readonly List<SuspendedApproval> _suspended = [];

    [Fact]
    [Requirement("ADP-110", "ADP-113", "ADP-115", "ADP-067")]
    public async Task What_one_host_suspends_another_one_resumes_once()
    {
        using ChainFixture first = New();
        await using GovernanceSession asked = await OpenAsync(first);
        GovernedResult<string> waiting = await CallAsync(first, asked);
        Assert.Equal((ReasonCodes.ApprovalRequired, false, 0), (waiting.Decision.Reason, waiting.Executed, asked.ToolCalls));
        string ticket = Assert.Single(_suspended).Ticket;

        using ChainFixture second = New();
        await using GovernanceSession resumed = await OpenAsync(second);
        GovernedResult<string> result = await CallAsync(second, resumed, Suspension(second).Resume(ticket, Ann));
        Assert.True(result is { IsAllowed: true, Executed: true });
        Assert.Equal((ReasonCodes.Approved, 1), (result.Decision.Reason, resumed.ToolCalls));
        Assert.Equal("ann", second.Records[0].Approver);

        Assert.Equal(ReasonCodes.ApprovalActionMismatch, (await CallAsync(second, resumed, Suspension(second).Resume(ticket, Ann))).Decision.Reason);
        Assert.Equal(ReasonCodes.ApprovalActionMismatch, (await CallAsync(first, asked, Suspension(first).Resume(ticket, Ann))).Decision.Reason);
    }

    [Theory]
    [InlineData("arguments", "approval_action_mismatch")]
    [InlineData("session", "approval_action_mismatch")]
    [InlineData("user", "approval_action_mismatch")]
    [InlineData("key", "approval_action_mismatch")]
    [InlineData("forged", "approval_action_mismatch")]
    [InlineData("nonsense", "approval_action_mismatch")]
    [InlineData("late", "approval_action_mismatch")]
    [InlineData("store", "approval_action_mismatch")]
    [InlineData("self", "approval_resolver_failed")]
    [InlineData("nobody", "approval_resolver_failed")]
    [InlineData("stranger", "approval_resolver_failed")]
    [InlineData("refused", "approval_denied")]
    [InlineData("policy", "rule_denied")]
    [Requirement("ADP-112", "ADP-113", "ADP-115", "ADP-117", "ADP-C38", "ADP-C39")]
    public async Task A_ticket_counts_for_what_was_asked_by_one_who_may_answer_and_no_longer(string what, string reason)
    {
        using ChainFixture first = New(approvers: ["ann"]);
        await using GovernanceSession asked = await OpenAsync(first);
        await CallAsync(first, asked);
        string ticket = _suspended[0].Ticket;
        using ChainFixture second = New(
            approvers: ["ann"], key: what == "key" ? ApprovalTicketKey.Generate(out _) : _key, denies: what == "policy", store: what == "store" ? new MemoryApprovalTicketStore() : null);
        await using GovernanceSession resumed = await second.Governance.OpenSessionAsync(
            what == "user" ? ChainFixture.Agent with { User = "eve" } : ChainFixture.Agent, new SessionOptions { Id = what == "session" ? new SessionId("s-2") : Session });
        if (what == "late")
        {
            second.Time.Advance(TimeSpan.FromMinutes(15));
        }

        string shown = what switch { "forged" => ticket[..^2] + (ticket[^2] == 'A' ? "BA" : "AA"), "nonsense" => "..", _ => ticket };
        ClaimsPrincipal who = what switch { "self" => Person("billing-1"), "nobody" => new ClaimsPrincipal(new ClaimsIdentity()), "stranger" => Person("mallory"), _ => Ann };
        GovernedResult<string> result = await CallAsync(
            second, resumed, Suspension(second).Resume(shown, who, isApproved: what != "refused"), what == "arguments" ? GovernedValue.FromJson("""{"path":"/"}""") : null);

        Assert.Equal((reason, false), (result.Decision.Reason.Code, result.Executed));

        // What did not count has not used the ticket up; a refusal has.
        using ChainFixture third = New(approvers: ["ann"]);
        await using GovernanceSession again = await OpenAsync(third);
        GovernedResult<string> right = await CallAsync(third, again, Suspension(third).Resume(ticket, Ann));
        Assert.Equal(what != "refused", right.IsAllowed);
    }

    [Fact]
    [Requirement("ADP-113")]
    public async Task Keys_change_while_tickets_live()
    {
        using ChainFixture first = New();
        await using GovernanceSession asked = await OpenAsync(first);
        await CallAsync(first, asked);
        ApprovalTicketKey next = ApprovalTicketKey.Generate(out _);

        using ChainFixture second = New(key: next, older: _key);
        await using GovernanceSession resumed = await OpenAsync(second);

        Assert.True((await CallAsync(second, resumed, Suspension(second).Resume(_suspended[0].Ticket, Ann))).IsAllowed);
    }

    [Fact]
    [Requirement("ADP-113", "ADP-117")]
    public async Task A_rule_that_two_groups_have_to_agree_to_needs_one_of_each()
    {
        var verdicts = new[] { Asking("ann"), Asking("bob") };
        using ChainFixture first = New(escalations: verdicts);
        await using GovernanceSession session = await OpenAsync(first);
        await CallAsync(first, session);
        string ticket = _suspended[0].Ticket;

        Assert.Equal(ReasonCodes.ApprovalResolverFailed, (await CallAsync(first, session, Suspension(first).Resume(ticket, Ann))).Decision.Reason);
        Assert.Equal(ReasonCodes.ApprovalResolverFailed, (await CallAsync(first, session, Suspension(first).Resume(ticket, [Ann, Ann]))).Decision.Reason);
        Assert.True((await CallAsync(first, session, Suspension(first).Resume(ticket, [Ann, Person("bob")]))).IsAllowed);
    }

    [Fact]
    [Requirement("ADP-110")]
    public async Task Whom_nobody_could_be_told_about_is_denied_and_a_result_is_withheld()
    {
        using ChainFixture broken = New(onSuspended: (_, _) => throw new IOException("mail is down"));
        await using GovernanceSession session = await OpenAsync(broken);
        Assert.Equal(ReasonCodes.ApprovalResolverFailed, (await CallAsync(broken, session)).Decision.Reason);
        Assert.Empty(Directory.GetFiles(_directory, "*.open"));

        var after = new TestInterceptor("after") { After = (context, _, _) => new(context.Template.Tool is null ? default : Verdict.Escalate()) };
        using var fixture = new ChainFixture(Configure(_key, null, null, null), after);
        await using GovernanceSession other = await OpenAsync(fixture);
        GovernedResult<string> withheld = await CallAsync(fixture, other);
        Assert.Equal((true, null, ReasonCodes.ApprovalResolverFailed), (withheld.Executed, withheld.Value, withheld.Decision.Reason));
        Assert.Empty(_suspended);
    }

    [Fact]
    public void Options_that_would_ask_nobody_or_seal_nothing_are_refused()
    {
        foreach (Action<ApprovalSuspensionOptions> wrong in (Action<ApprovalSuspensionOptions>[])[
            options => options.Keys.Clear(),
            options => options.Store = null,
            options => options.OnSuspended = null,
            options => options.Lifetime = TimeSpan.FromDays(8)])
        {
            var options = new ApprovalSuspensionOptions { Keys = { _key }, Store = new MemoryApprovalTicketStore(), OnSuspended = (_, _) => default };
            wrong(options);
            Assert.Throws<ArgumentException>(() => new ApprovalSuspension(options));
        }

        Assert.Throws<ArgumentException>(() => new ApprovalTicketKey(new byte[32]));
        Assert.Throws<ArgumentException>(() => new ApprovalTicketKey([1, 2, 3]));
    }

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private static ClaimsPrincipal Ann => Person("ann");

    private static ClaimsPrincipal Person(string name) => new(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "test"));

    private static Verdict Asking(params string[] approvers) => new(VerdictOutcome.Escalate, new VerdictDetail(ReasonCodes.ApprovalRequired) { Approvers = approvers });

    private static ApprovalSuspension Suspension(ChainFixture fixture) => (ApprovalSuspension)fixture.Services.GetService(typeof(ApprovalSuspension))!;

    private static ValueTask<GovernanceSession> OpenAsync(ChainFixture fixture) => fixture.Governance.OpenSessionAsync(ChainFixture.Agent, new SessionOptions { Id = Session });

    private static ValueTask<GovernedResult<string>> CallAsync(ChainFixture fixture, GovernanceSession session, IApprovalBroker? answer = null, GovernedValue? arguments = null) =>
        fixture.Governance.InvokeAsync(
            new GovernedAction(fixture.Tool, session, arguments ?? ChainFixture.Arguments) { Approver = answer }, 0, static (_, _, _) => new ValueTask<string>("done"), TextCodec.Instance);

    private ChainFixture New(
        string[]? approvers = null,
        ApprovalTicketKey? key = null,
        ApprovalTicketKey? older = null,
        bool denies = false,
        IApprovalTicketStore? store = null,
        Verdict[]? escalations = null,
        Func<SuspendedApproval, CancellationToken, ValueTask>? onSuspended = null)
    {
        Verdict[] verdicts = escalations ?? [Asking(approvers ?? [])];
        IInterceptor[] asking = [.. verdicts.Select((verdict, i) => new TestInterceptor("asks-" + i) { Before = (context, _) => new(context.Template.Tool is null ? default : verdict) })];
        var deny = new TestInterceptor("denies") { Before = (context, _) => new(denies && context.Template.Tool is not null ? Verdict.Deny(ReasonCodes.RuleDenied) : default) };
        return new ChainFixture(Configure(key ?? _key, older, store, onSuspended), [.. asking, deny]);
    }

    private Action<IGovernanceBuilder> Configure(
        ApprovalTicketKey key, ApprovalTicketKey? older, IApprovalTicketStore? store, Func<SuspendedApproval, CancellationToken, ValueTask>? onSuspended) =>
        builder => builder.AddSuspendedApprovals(options =>
        {
            options.Keys.Add(key);
            if (older is not null)
            {
                options.Keys.Add(older);
            }

            options.Store = store ?? new FileApprovalTicketStore(_directory);
            options.OnSuspended = onSuspended ?? ((suspended, _) =>
            {
                _suspended.Add(suspended);
                return default;
            });
        });
}
