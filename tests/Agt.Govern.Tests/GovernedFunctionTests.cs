using Agt.Approvals;
using Agt.Audit;
using Agt.Policy;
using Agt.Policy.Advice;
using Agt.Policy.Limits;
using Agt.Testing;
using Agt.Values;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Agt.Govern.Tests;

/// <summary>One function under one policy.</summary>
public sealed class GovernedFunctionTests : IDisposable
{
    private const string Refunds = """
        apiVersion: governance.toolkit/v1
        name: refunds
        rules:
          - {name: small, condition: "tool_name == 'refund' and args.amount <= 500", action: allow}
          - {name: large, condition: "args.amount > 500 and args.amount < 1000", action: require_approval, approvers: [finance]}
          - {name: masked, condition: "has(args.card)", action: redact, transforms: [{path: args.card, replacement: "[card]"}]}
          - {name: stays, condition: "output contains 'internal'", action: deny, stage: post_tool, message: "The result stays here."}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("agt-govern").FullName;
    private readonly List<string> _ran = [];

    [Fact]
    [Requirement("POL-185")]
    public async Task What_the_policy_allows_runs_and_what_it_denies_throws_without_saying_why()
    {
        await using GovernedFunction<string> refund = Govern(FunctionPolicy.FromText(Refunds));
        Assert.Equal("paid 120", await refund.InvokeAsync(Amount(120)));
        var denied = await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await refund.InvokeAsync(Amount(5_000)));
        Assert.Equal("Denied by governance policy.", denied.PublicMessage);
        Assert.Equal($"{denied.PublicMessage} (decision {denied.DecisionId})", denied.Message);
        Assert.Single(_ran);
    }

    [Fact]
    [Requirement("POL-185")]
    public async Task The_policy_may_be_a_file_a_text_or_a_value_or_two_of_them()
    {
        string path = Path.Combine(_folder, "refunds.yaml");
        await File.WriteAllTextAsync(path, Refunds, TestContext.Current.CancellationToken);
        var limits = new GovernancePolicy { Name = "limits", MaxToolCalls = 1 };
        foreach (FunctionPolicy policy in (FunctionPolicy[])[FunctionPolicy.FromFile(path), FunctionPolicy.FromFile(_folder), FunctionPolicy.FromText(Refunds), FunctionPolicy.From(limits), FunctionPolicy.FromText(Refunds).And(FunctionPolicy.From(limits))])
        {
            await using GovernedFunction<string> refund = Govern(policy);
            Assert.Equal("paid 1", await refund.InvokeAsync(Amount(1)));
        }

        await using GovernedFunction<string> both = Govern(FunctionPolicy.FromText(Refunds).And(FunctionPolicy.From(limits)));
        await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await both.InvokeAsync(Amount(5_000)));
        await both.InvokeAsync(Amount(1));
        var denied = await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await both.InvokeAsync(Amount(1)));
        Assert.Equal(ReasonCodes.MaxToolCalls, denied.Decision.Reason);
    }

    [Theory]
    [Requirement("POL-185")]
    [InlineData("refunds.yaml")]
    [InlineData("rules: 5")]
    public void A_path_is_no_text_and_a_text_no_path(string either)
    {
        Assert.Throws<PolicyLoadException>(() => Govern(FunctionPolicy.FromFile(either)));
        Assert.Throws<PolicyLoadException>(() => Govern(FunctionPolicy.FromText(either)));
    }

    [Fact]
    [Requirement("POL-185")]
    public async Task A_denied_call_may_return_something_instead()
    {
        await using GovernedFunction<string> refund = Govern(FunctionPolicy.FromText(Refunds), options => options.OnDeny = (decision, id) => $"no: {decision.PublicMessage} {id}");
        Assert.StartsWith("no: Denied by governance policy. ", await refund.InvokeAsync(Amount(5_000)), StringComparison.Ordinal);
        Assert.Empty(_ran);
    }

    [Theory]
    [Requirement("POL-185")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_person_is_asked_where_the_policy_says_so(bool approves)
    {
        ApprovalRequest? asked = null;
        await using GovernedFunction<string> refund = Govern(FunctionPolicy.FromText(Refunds), options => options.Approvals = new CallbackApprovalBroker((request, _) =>
        {
            asked = request;
            return ValueTask.FromResult(approves ? request.Approve("ann") : request.Reject("ann"));
        }));
        if (approves)
        {
            Assert.Equal("paid 620", await refund.InvokeAsync(Amount(620)));
        }
        else
        {
            await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await refund.InvokeAsync(Amount(620)));
        }

        Assert.Equal(["finance"], asked!.Escalations[0].Verdict.Detail!.Approvers);
        Assert.Equal(approves ? 1 : 0, _ran.Count);
    }

    [Fact]
    [Requirement("POL-185")]
    public async Task Every_call_is_recorded_before_it_runs_and_without_a_record_nothing_runs()
    {
        await using (GovernedFunction<string> refund = Govern(FunctionPolicy.FromText(Refunds)))
        {
            await refund.InvokeAsync(Amount(1));
            await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await refund.InvokeAsync(Amount(5_000)));
            LoggedRecord[] calls = [.. ((InMemoryDecisionLog)refund.Log).Snapshot().Where(record => record.Template.Tool?.Name == "refund" && !record.IsOutcome)];
            Assert.Equal([true, false], calls.Select(record => record.Decision!.IsAllowed));
        }

        _ran.Clear();
        await using GovernedFunction<string> unrecorded = Govern(FunctionPolicy.FromText(Refunds), options => options.Log = new BrokenLog());
        await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await unrecorded.InvokeAsync(Amount(1)));
        Assert.Empty(_ran);
    }

    [Fact]
    [Requirement("POL-185", "POL-187")]
    public async Task A_check_may_stop_what_the_policy_allows_and_free_nothing()
    {
        await using GovernedFunction<string> stopped = Govern(FunctionPolicy.FromText(Refunds), options => options.Checks.Add(new Check(AdviceKind.Deny)));
        await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await stopped.InvokeAsync(Amount(1)));
        await using GovernedFunction<string> freed = Govern(FunctionPolicy.FromText(Refunds), options => options.Checks.Add(new Check(AdviceKind.Agree)));
        await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await freed.InvokeAsync(Amount(5_000)));
        Assert.Empty(_ran);
    }

    [Fact]
    [Requirement("POL-185")]
    public async Task It_runs_from_what_was_decided_on_and_its_result_is_decided_on_too()
    {
        await using GovernedFunction<string> refund = Govern(FunctionPolicy.FromText(Refunds + "\n  - {name: all, condition: \"true\", action: allow, priority: -1}\n"));
        var arguments = new Dictionary<string, object?> { ["amount"] = 1, ["card"] = "4111 1111 1111 1111", ["more"] = new object?[] { "x", 2.5, true, null } };
        await refund.InvokeAsync(arguments);
        Assert.Equal("""{"amount":1,"card":"[card]","more":["x",2.5,true,null]}""", Assert.Single(_ran));
        await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await refund.InvokeAsync(new Dictionary<string, object?> { ["amount"] = 1, ["say"] = "internal" }));
        Assert.Equal(2, _ran.Count);
    }

    [Fact]
    [Requirement("POL-185")]
    public async Task What_cannot_be_frozen_is_denied_and_what_the_function_throws_passes_through()
    {
        await using GovernedFunction<string> refund = Govern(FunctionPolicy.FromText(Refunds));
        var denied = await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await refund.InvokeAsync(new Dictionary<string, object?> { ["amount"] = 1, ["x"] = new System.Text.StringBuilder() }));
        Assert.Equal(ReasonCodes.PayloadUnsupported, denied.Decision.Reason);
        await Assert.ThrowsAsync<ArgumentException>(async () => await refund.InvokeAsync(new Dictionary<string, object?> { ["amount"] = 1, ["say"] = 5 }));
    }

    [Fact]
    [Requirement("POL-185")]
    public async Task Calls_share_one_session_that_ends_with_the_function()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(55));
        GovernedFunction<string> refund = Govern(FunctionPolicy.From(new GovernancePolicy { MaxToolCalls = 2, TimeoutSeconds = 60 }), options => options.Time = time);
        await refund.InvokeAsync(Amount(1));
        time.Advance(TimeSpan.FromSeconds(61));
        var denied = await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await refund.InvokeAsync(Amount(1)));
        Assert.Equal(ReasonCodes.SessionExpired, denied.Decision.Reason);
        await refund.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await refund.InvokeAsync(Amount(1)));
    }

    [Fact]
    [Requirement("POL-185")]
    public async Task Many_first_calls_at_once_open_one_session()
    {
        await using GovernedFunction<string> refund = Govern(FunctionPolicy.From(new GovernancePolicy { MaxToolCalls = 5, MaxConcurrent = 64 }), options => options.OnDeny = (_, _) => "denied");
        string[] said = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () => await refund.InvokeAsync(Amount(1)), TestContext.Current.CancellationToken)));
        Assert.Equal(5, said.Count(text => text == "paid 1"));
    }

    [Fact]
    [Requirement("POL-010")]
    public async Task A_policy_that_names_no_agent_holds_for_the_function()
    {
        await using GovernedFunction<string> refund = Govern(FunctionPolicy.FromText(Refunds), options => options.Agent = AgentId.Parse("any-agent"));
        await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await refund.InvokeAsync(Amount(5_000)));
        Assert.Equal("paid 2", await refund.InvokeAsync(Amount(2)));
    }

    [Fact]
    public async Task An_agent_that_may_not_start_is_denied_as_any_call()
    {
        const string Closed = "apiVersion: governance.toolkit/v1\nname: closed\nagents: ['*']\nrules:\n  - {name: no, condition: \"true\", action: deny, stage: startup}\n";
        await using GovernedFunction<string> throws = Govern(FunctionPolicy.FromText(Closed));
        await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await throws.InvokeAsync(Amount(1)));
        await using GovernedFunction<string> returns = Govern(FunctionPolicy.FromText(Closed), options => options.OnDeny = (_, _) => "denied");
        Assert.Equal("denied", await returns.InvokeAsync(Amount(1)));
        Assert.Empty(_ran);
    }

    [Fact]
    public async Task A_changed_result_keeps_its_type_or_is_withheld()
    {
        const string Masks = "apiVersion: governance.toolkit/v1\nname: masks\nagents: ['*']\ndefault_action: allow\nrules:\n  - {name: mask, condition: \"output matches '4111'\", action: redact, stage: post_tool, transforms: [{path: output, pattern: '4111', replacement: '****'}]}\n";
        await using GovernedFunction<string> text = Governed.Govern<string>("read", (_, _) => ValueTask.FromResult("card 4111"), FunctionPolicy.FromText(Masks));
        Assert.Equal("card ****", await text.InvokeAsync(new Dictionary<string, object?>()));
        await using GovernedFunction<string[]> list = Governed.Govern<string[]>("read", (_, _) => ValueTask.FromResult<string[]>(["card 4111"]), FunctionPolicy.FromText(Masks));
        await Assert.ThrowsAsync<GovernanceDeniedException>(async () => await list.InvokeAsync(new Dictionary<string, object?>()));
        await using GovernedFunction<int> number = Governed.Govern<int>("read", (_, _) => ValueTask.FromResult(5), FunctionPolicy.FromText(Masks));
        Assert.Equal(5, await number.InvokeAsync(new Dictionary<string, object?>()));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Dictionary<string, object?> Amount(int amount) => new() { ["amount"] = amount };

    private GovernedFunction<string> Govern(FunctionPolicy policy, Action<GovernOptions<string>>? configure = null) => Governed.Govern(
        "refund",
        (arguments, _) =>
        {
            string text = arguments["say"].IsAbsent ? $"paid {arguments.WholeNumber("amount")}" : arguments.Text("say");
            lock (_ran)
            {
                _ran.Add(CanonicalJson.ToString(arguments.Value));
            }

            return ValueTask.FromResult(text);
        },
        policy, configure);

    private sealed class Check(AdviceKind advice) : IAdvisoryCheck
    {
        public string Name => "judge";

        public ValueTask<AdvisoryOpinion> CheckAsync(GovernedAction action, GovernedValue arguments, CancellationToken cancellationToken) => new(new AdvisoryOpinion(advice));
    }

    private sealed class BrokenLog : IDecisionLog
    {
        public ValueTask AppendAsync(in DecisionRecord record, CancellationToken cancellationToken) => throw new IOException("full");

        public ValueTask AppendAsync(in OutcomeRecord record, CancellationToken cancellationToken) => default;
    }
}
