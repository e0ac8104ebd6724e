using Agt.Approvals;
using Agt.Policy.Intents;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Policy.Tests.Intents;

/// <summary>Agents are held to what they declared.</summary>
public sealed class IntentTests : IAsyncDisposable
{
    private static readonly PlannedAction[] Plan = [new("orders.find"), new("refund", "args.amount <= 100")];
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(55));
    private readonly ServiceProvider _services;
    private Func<ApprovalRequest, bool> _ask = _ => false;

    public IntentTests()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(_time);
        services.AddGovernance()
            .AddPolicyText("apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\nrules:\n  - {name: ask, condition: \"args.amount == 99\", action: require_approval}\n")
            .AddIntents().AddApprovals((request, _) => ValueTask.FromResult(_ask(request) ? request.Approve("ann") : request.Reject("ann")));
        _services = services.BuildServiceProvider();
    }

    private IntentRegistry Registry => _services.GetRequiredService<IntentRegistry>();

    [Fact]
    [Requirement("POL-199")]
    public async Task Nothing_runs_before_an_intent_is_declared_and_approved_or_after_it_is_over()
    {
        GovernanceSession session = await OpenAsync();
        Assert.Equal("policy:intent_missing", await SaidAsync(session, "orders.find"));
        DeclaredIntent intent = Registry.Declare(session, Plan);
        Assert.Equal((IntentState.Declared, 1), (intent.State, intent.Version));
        Assert.Equal("policy:intent_not_in_force", await SaidAsync(session, "orders.find"));
        intent.Approve(1, "ann");
        Assert.Equal(IntentState.Approved, intent.State);
        Assert.Null(await SaidAsync(session, "orders.find"));
        Assert.Equal(IntentState.Executing, intent.State);
        intent.Complete(2);
        Assert.Equal(IntentState.Completed, intent.State);
        Assert.Equal("policy:intent_not_in_force", await SaidAsync(session, "orders.find"));
    }

    [Fact]
    [Requirement("POL-199")]
    public async Task Only_what_is_planned_runs_with_the_arguments_that_are()
    {
        (GovernanceSession session, DeclaredIntent intent) = await ApprovedAsync();
        Assert.Null(await SaidAsync(session, "refund", """{"amount":100}"""));
        Assert.Equal("policy:intent_unplanned", await SaidAsync(session, "refund", """{"amount":101}"""));
        Assert.Equal("policy:intent_unplanned", await SaidAsync(session, "refund"));
        Assert.Equal("policy:intent_unplanned", await SaidAsync(session, "refund", """{"amount":"1"}"""));
        Assert.Equal("policy:intent_unplanned", await SaidAsync(session, "Orders.find"));
        Assert.Null(await SaidAsync(session, "orders.find"));
        Assert.Equal((IntentState.Executing, 4), (intent.State, intent.Refused));
    }

    [Fact]
    [Requirement("POL-199")]
    public async Task A_hard_block_ends_the_intent()
    {
        (GovernanceSession session, DeclaredIntent intent) = await ApprovedAsync(new IntentOptions { Unplanned = UnplannedAction.HardBlock });
        Assert.Equal("policy:intent_unplanned", await SaidAsync(session, "rm"));
        Assert.Equal(IntentState.Violated, intent.State);
        Assert.Equal("policy:intent_not_in_force", await SaidAsync(session, "orders.find"));
        Assert.Throws<IntentException>(() => intent.Approve(intent.Version, "ann"));
        Assert.Throws<IntentException>(() => intent.ReDeclare(intent.Version, Plan));
        Assert.Throws<IntentException>(() => Registry.Declare(session, Plan));
    }

    [Fact]
    [Requirement("POL-199")]
    public async Task Declaring_anew_is_asked_for_and_has_to_be_approved_again()
    {
        (GovernanceSession session, DeclaredIntent intent) = await ApprovedAsync(new IntentOptions { Unplanned = UnplannedAction.ReDeclare });
        Assert.Equal("policy:intent_unplanned", await SaidAsync(session, "mail.send"));
        Assert.Equal("policy:intent_not_in_force", await SaidAsync(session, "orders.find"));
        Assert.Throws<IntentException>(() => intent.Approve(intent.Version, "ann"));
        intent.ReDeclare(intent.Version, [.. Plan, new("mail.send")]);
        Assert.Equal("policy:intent_not_in_force", await SaidAsync(session, "mail.send"));
        intent.Approve(intent.Version, "ann");
        Assert.Null(await SaidAsync(session, "mail.send"));
    }

    [Fact]
    [Requirement("POL-199")]
    public async Task Who_changes_an_intent_has_to_have_seen_it_as_it_is()
    {
        GovernanceSession session = await OpenAsync();
        DeclaredIntent intent = Registry.Declare(session, Plan);
        long seen = intent.Version;
        intent.ReDeclare(seen, [new("rm")]);
        Assert.Throws<IntentException>(() => intent.Approve(seen, "ann"));
        Assert.Equal(IntentState.Declared, intent.State);
        Assert.Throws<IntentException>(() => intent.ReDeclare(seen, Plan));
        Assert.Throws<IntentException>(() => intent.Complete(intent.Version));
        Assert.Throws<IntentException>(() => intent.Approve(intent.Version, "Agent-1 "));
        intent.Approve(intent.Version, "ann");
        Assert.Throws<IntentException>(() => intent.Complete(seen));
    }

    [Fact]
    [Requirement("POL-199")]
    public async Task It_expires_and_its_children_with_it()
    {
        (GovernanceSession session, DeclaredIntent intent) = await ApprovedAsync(new IntentOptions { Lifetime = TimeSpan.FromMinutes(10) });
        GovernanceSession helper = await OpenAsync("helper");
        DeclaredIntent child = Registry.Declare(helper, [new("orders.find")], new IntentOptions { Parent = intent, Lifetime = TimeSpan.FromHours(5) });
        child.Approve(1, "ann");
        Assert.Equal(intent.ExpiresAt, child.ExpiresAt);
        Assert.Null(await SaidAsync(helper, "orders.find"));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal((IntentState.Expired, IntentState.Expired), (intent.State, child.State));
        Assert.Equal("policy:intent_not_in_force", await SaidAsync(session, "orders.find"));
        Assert.Equal("policy:intent_not_in_force", await SaidAsync(helper, "orders.find"));
        Assert.Throws<IntentException>(() => Registry.Declare(session, Plan, new IntentOptions { Parent = intent }));
    }

    [Fact]
    [Requirement("POL-199")]
    public async Task A_child_only_narrows()
    {
        (_, DeclaredIntent intent) = await ApprovedAsync();
        GovernanceSession helper = await OpenAsync("helper");
        Assert.Throws<IntentException>(() => Registry.Declare(helper, [new("rm")], new IntentOptions { Parent = intent }));

        // The condition of the parent holds, though the child has none; and what the parent no longer plans is over for the child.
        DeclaredIntent child = Registry.Declare(helper, [new("refund"), new("orders.find", "args.id == 'A'")], new IntentOptions { Parent = intent });
        Assert.Throws<IntentException>(() => child.ReDeclare(1, [new("rm")]));
        child.Approve(1, "ann");
        Assert.Null(await SaidAsync(helper, "refund", """{"amount":1}"""));
        Assert.Equal("policy:intent_unplanned", await SaidAsync(helper, "refund", """{"amount":101}"""));
        Assert.Null(await SaidAsync(helper, "orders.find", """{"id":"A"}"""));
        Assert.Equal("policy:intent_unplanned", await SaidAsync(helper, "orders.find", """{"id":"B"}"""));
        intent.ReDeclare(intent.Version, [new("orders.find")]);
        Assert.Equal("policy:intent_not_in_force", await SaidAsync(helper, "orders.find", """{"id":"A"}"""));
        intent.Approve(intent.Version, "ann");
        Assert.Equal("policy:intent_unplanned", await SaidAsync(helper, "refund", """{"amount":1}"""));
        Assert.Null(await SaidAsync(helper, "orders.find", """{"id":"A"}"""));
    }

    [Fact]
    [Requirement("POL-199")]
    public async Task An_intent_that_ended_while_a_person_thought_stops_what_they_approve()
    {
        (GovernanceSession session, DeclaredIntent intent) = await ApprovedAsync();
        _ask = _ =>
        {
            intent.Complete(intent.Version);
            return true;
        };
        Assert.Equal("policy:intent_not_in_force", await SaidAsync(session, "refund", """{"amount":99}"""));
    }

    [Fact]
    public async Task What_cannot_be_declared_is_said()
    {
        GovernanceSession session = await OpenAsync();
        Assert.Throws<IntentException>(() => Registry.Declare(session, []));
        Assert.Throws<IntentException>(() => Registry.Declare(session, [new(" ")]));
        Assert.Contains("refund", Assert.Throws<IntentException>(() => Registry.Declare(session, [new("refund", "amount <")])).Message, StringComparison.Ordinal);
        Assert.Throws<IntentException>(() => Registry.Declare(session, Plan, new IntentOptions { Lifetime = TimeSpan.Zero }));
        Assert.Throws<IntentException>(() => Registry.Declare(session, Plan, new IntentOptions { Lifetime = TimeSpan.FromDays(2) }));
        Registry.Declare(session, Plan);
        Assert.Throws<IntentException>(() => Registry.Declare(session, Plan));
        DeclaredIntent? parent = null;
        Assert.Throws<IntentException>(() =>
        {
            for (int i = 0; i < 20; i++)
            {
                parent = Registry.Declare(OpenAsync($"a{i}").GetAwaiter().GetResult(), Plan, new IntentOptions { Parent = parent });
            }
        });
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private async Task<GovernanceSession> OpenAsync(string agent = "agent-1") => await _services.GetRequiredService<IGovernance>().OpenSessionAsync(new Principal(AgentId.Parse(agent)));

    private async Task<(GovernanceSession Session, DeclaredIntent Intent)> ApprovedAsync(IntentOptions? options = null)
    {
        GovernanceSession session = await OpenAsync();
        DeclaredIntent intent = Registry.Declare(session, Plan, options);
        intent.Approve(intent.Version, "ann");
        return (session, intent);
    }

    private async Task<string?> SaidAsync(GovernanceSession session, string tool, string arguments = "{}")
    {
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", session.Principal, new ToolIdentity(tool), "tests");
        GovernedResult<string> given = await _services.GetRequiredService<IGovernance>().InvokeAsync(
            new GovernedAction(template, session, GovernedValue.FromJson(arguments)), 0, static (_, _, _) => ValueTask.FromResult("done"), TextCodec.Instance);
        return given.IsAllowed ? null : given.Decision.Reason.Code;
    }
}
