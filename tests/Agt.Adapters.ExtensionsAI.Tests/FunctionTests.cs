using System.Text.Json;
using Agt.Audit;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Adapters.ExtensionsAI.Tests;

public sealed class FunctionTests
{
    [Fact]
    [Requirement("ADP-220")]
    public async Task An_allowed_function_runs_once_with_the_callers_own_arguments_and_is_recorded_once()
    {
        using var host = new Host();
        var probe = new Probe();
        var arguments = new AIFunctionArguments { ["path"] = "/data/a", ["count"] = 3, ["more"] = JsonElement.Parse("""{"a":[1,1.0]}""") };

        object? result = await probe.WithGovernance(host.Governance).InvokeAsync(arguments);

        Assert.Equal("done", result);
        Assert.Same(arguments, Assert.Single(probe.Seen));
        LoggedRecord decision = Assert.Single(host.Records, r => !r.IsOutcome);
        Assert.Equal("probe", decision.Template.Tool!.Name);
        Assert.Equal(OutcomeStatus.Completed, Assert.Single(host.Records, r => r.IsOutcome).Status);
    }

    [Fact]
    [Requirement("AUD-408")]
    public async Task What_the_host_declares_of_a_tool_is_known_of_its_calls()
    {
        using var host = new Host();
        AIFunction governed = new Probe().WithGovernance(host.Governance, options => options.Tools["PROBE"] = new ToolDeclaration(ToolEffects.Reads, "key"));
        await governed.InvokeAsync(new AIFunctionArguments { ["count"] = 3 });
        ToolIdentity tool = Assert.Single(host.Records, r => !r.IsOutcome).Template.Tool!;
        Assert.Equal((ToolEffects.Reads, "key"), (tool.Effects, tool.IdempotencyArgument));
    }

    [Fact]
    [Requirement("ADP-X09", "ADP-027")]
    public async Task A_rule_about_an_argument_by_its_name_is_heard()
    {
        using var host = new Host(builder => builder.AddPolicyText(
            "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\nrules:\n  - { name: big, condition: args.count > 5, action: deny }\n"));
        var probe = new Probe();
        AIFunction governed = probe.WithGovernance(host.Governance);

        Assert.Equal("done", await governed.InvokeAsync(new AIFunctionArguments { ["count"] = 5 }));
        Assert.StartsWith("Denied by governance policy.", Assert.IsType<string>(await governed.InvokeAsync(new AIFunctionArguments { ["count"] = 6 })), StringComparison.Ordinal);
        Assert.Single(probe.Seen);
    }

    [Fact]
    [Requirement("ADP-222", "ADP-151", "ADP-C03", "ADP-C04", "ADP-C05")]
    [Requirement("ADP-X12")]
    public async Task A_denial_is_the_result_and_names_no_rule()
    {
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, _ => Host.Deny()));
        var probe = new Probe();

        object? result = await probe.WithGovernance(host.Governance).InvokeAsync(new AIFunctionArguments { ["path"] = "/data/a" });

        Assert.Empty(probe.Seen);
        string text = Assert.IsType<string>(result);
        Assert.StartsWith("Denied by governance policy. (decision ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.OrdinalIgnoreCase);
        Assert.Single(host.Records);
    }

    [Fact]
    [Requirement("ADP-224", "ADP-100", "ADP-101", "ADP-C10")]
    public async Task Transformed_arguments_are_new_keep_services_and_context_and_lose_removed_keys()
    {
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, _ => Verdict.Transform(
            ReasonCodes.RuleMatched,
            Patch.Redact(PatchPath.Parse("args.to[0].mail")), Patch.Remove(PatchPath.Parse("args.debug")), Patch.Set(PatchPath.Parse("args.limit"), GovernedValue.From(5L)))));
        var probe = new Probe();
        var context = new Dictionary<object, object?>();
        var to = new List<object?> { new Dictionary<string, object?> { ["mail"] = "a@x", ["n"] = 1 } };
        var arguments = new AIFunctionArguments { ["to"] = to, ["debug"] = true, ["keep"] = 2.5m };
        arguments.Services = host.Services;
        arguments.Context = context;

        await probe.WithGovernance(host.Governance).InvokeAsync(arguments);

        AIFunctionArguments seen = Assert.Single(probe.Seen);
        Assert.NotSame(arguments, seen);
        Assert.Same(host.Services, seen.Services);
        Assert.Same(context, seen.Context);
        Assert.False(seen.ContainsKey("debug"));
        Assert.Equal(5L, seen["limit"]);
        Assert.Equal(2.5m, seen["keep"]);
        var first = (Dictionary<string, object?>)Assert.Single((List<object?>)seen["to"]!)!;
        Assert.Equal("[REDACTED]", first["mail"]);
        Assert.Equal(1, first["n"]);
        Assert.Equal("a@x", ((Dictionary<string, object?>)to[0]!)["mail"]);
        Assert.True(arguments.ContainsKey("debug"));
    }

    [Fact]
    [Requirement("ADP-102")]
    public async Task Transformed_values_become_what_the_method_expects()
    {
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, _ => Verdict.Transform(
            ReasonCodes.RuleMatched,
            Patch.Set(PatchPath.Parse("args.order"), GovernedValue.FromJson("""{"id":7,"notes":["x"]}""")),
            Patch.Set(PatchPath.Parse("args.amount"), GovernedValue.FromJson("12.50")))));
        (Order? Order, decimal Amount) seen = default;
        AIFunction function = AIFunctionFactory.Create((Order order, decimal amount) => { seen = (order, amount); }, "refund");

        await function.WithGovernance(host.Governance).InvokeAsync(new AIFunctionArguments { ["order"] = new Order(1, []), ["amount"] = 99m });

        Assert.Equal(7, seen.Order!.Id);
        Assert.Equal("x", Assert.Single(seen.Order.Notes));
        Assert.Equal(12.50m, seen.Amount);
    }

    [Fact]
    [Requirement("ADP-102")]
    public async Task A_transform_that_fits_no_parameter_is_a_recorded_denial_and_nothing_runs()
    {
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, _ => Host.Redact("args.amount")));
        bool ran = false;
        AIFunction function = AIFunctionFactory.Create((decimal amount) => { ran = true; }, "refund");

        object? result = await function.WithGovernance(host.Governance).InvokeAsync(new AIFunctionArguments { ["amount"] = 99m });

        Assert.False(ran);
        Assert.StartsWith("Policy evaluation error. (decision ", Assert.IsType<string>(result), StringComparison.Ordinal);
        Assert.Equal(ReasonCodes.TransformInvalid, host.Decisions(InterventionPoint.PreToolCall)[^1].Decision!.Reason);
        Assert.Equal(OutcomeStatus.Failed, Assert.Single(host.Records, r => r.IsOutcome).Status);
    }

    [Fact]
    [Requirement("ADP-103", "ADP-C11")]
    public async Task Results_are_redacted_in_the_shape_they_have()
    {
        using var host = new Host(Host.At(InterventionPoint.PostToolCall, _ => Host.Redact("output", "s3cret")));

        Assert.Equal("a [REDACTED] b", await Result("a s3cret b"));
        Assert.Equal("""{"k":["[REDACTED]",1.50]}""", Assert.IsType<JsonElement>(await Result(JsonElement.Parse("""{"k":["s3cret",1.50]}"""))).GetRawText());
        Assert.Equal("[REDACTED]", Assert.IsType<TextContent>(await Result(new TextContent("s3cret"))).Text);
        Assert.Equal("[REDACTED]", Assert.Single(Assert.IsType<Order>(await Result(new Order(1, ["s3cret"]))).Notes));
        var list = Assert.IsType<List<AIContent>>(await Result(new AIContent[] { new TextContent("s3cret"), new UriContent("https://x", "text/html") }));
        Assert.Equal("[REDACTED]", ((TextContent)list[0]).Text);
        Assert.IsType<UriContent>(list[1]);
        Assert.Null(await Result(null));
        Assert.Equal(5, await Result(5));

        async Task<object?> Result(object? value) =>
            await new Probe { Result = value }.WithGovernance(host.Governance).InvokeAsync(new AIFunctionArguments());
    }

    [Fact]
    public async Task A_denied_result_is_withheld_and_marked_as_executed()
    {
        using var host = new Host(Host.At(InterventionPoint.PostToolCall, _ => Host.Deny()));
        var probe = new Probe { Result = "s3cret" };

        object? result = await probe.WithGovernance(host.Governance).InvokeAsync(new AIFunctionArguments());

        Assert.Single(probe.Seen);
        Assert.StartsWith("Denied by governance policy.", Assert.IsType<string>(result), StringComparison.Ordinal);
        Assert.Equal(OutcomeStatus.Completed, Assert.Single(host.Records, r => r.IsOutcome).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Requirement("ADP-110", "ADP-112", "ADP-C37")]
    public async Task Approved_calls_run_from_what_was_approved_whatever_the_caller_did_meanwhile(bool approve)
    {
        var nested = new List<object?> { "a@x" };
        var arguments = new AIFunctionArguments { ["path"] = "/data/a", ["to"] = nested };
        using var host = new Host(
            builder => builder.AddApprovals((request, _) =>
            {
                arguments["path"] = "/etc/passwd";
                arguments["extra"] = 1;
                nested.Add("eve@x");
                return new(approve ? request.Approve("alice") : request.Reject("alice"));
            }),
            Host.At(InterventionPoint.PreToolCall, _ => Verdict.Escalate("secret explanation")));
        var probe = new Probe();

        object? result = await probe.WithGovernance(host.Governance).InvokeAsync(arguments);

        if (approve)
        {
            AIFunctionArguments seen = Assert.Single(probe.Seen);
            Assert.Equal("/data/a", seen["path"]);
            Assert.Equal("a@x", Assert.Single((List<object?>)seen["to"]!));
            Assert.Equal(2, seen.Count);
        }
        else
        {
            Assert.Empty(probe.Seen);
            Assert.StartsWith("Human approval denied. (decision ", Assert.IsType<string>(result), StringComparison.Ordinal);
        }
    }

    [Fact]
    [Requirement("ADP-027", Partial = "what the framework hands over; parsing is its own")]
    public async Task What_cannot_be_frozen_is_denied_and_recorded()
    {
        using var host = new Host();
        var probe = new Probe();
        AIFunction governed = probe.WithGovernance(host.Governance);
        var cycle = new Cycle();
        cycle.Self = cycle;

        foreach (object hostile in new object[] { new Thrower(), cycle, Endless(), new Pages(), () => 1, double.NaN, new Cycle[] { cycle } })
        {
            Assert.IsType<string>(await governed.InvokeAsync(new AIFunctionArguments { ["x"] = hostile }));
        }

        Assert.Empty(probe.Seen);
        Assert.Equal(7, host.Records.Count);
        Assert.All(host.Records, r => Assert.Equal(VerdictOutcome.Deny, r.Decision!.Outcome));

        static IEnumerable<int> Endless()
        {
            while (true)
            {
                yield return 1;
            }
        }
    }

    [Fact]
    [Requirement("ADP-C18")]
    public async Task A_call_inside_a_call_is_its_child()
    {
        var parents = new List<string?>();
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, context =>
        {
            parents.Add(context.Action.Parent?.Template.Tool!.Name);
            return default;
        }));
        AIFunction inner = new Probe("inner").WithGovernance(host.Governance);
        AIFunction outer = AIFunctionFactory.Create(async () => (string?)await inner.InvokeAsync(), "outer").WithGovernance(host.Governance);

        await outer.InvokeAsync();

        Assert.Equal([null, "outer"], parents);
    }

    [Fact]
    [Requirement("ADP-006", "ADP-008", "ADP-226", "ADP-C50")]
    public void Wrapping_twice_is_wrapping_once_and_nothing_ungoverned_comes_out()
    {
        using var host = new Host();
        var probe = new Probe();
        AIFunction governed = probe.WithGovernance(host.Governance);

        Assert.Same(governed, governed.WithGovernance(host.Governance));
        Assert.Null(governed.GetService<Probe>());
        Assert.Null(governed.GetService<ApprovalRequiredAIFunction>());
        Assert.Same(governed, governed.GetService<AIFunction>());

        AIFunction under = new ApprovalRequiredAIFunction(probe).WithGovernance(host.Governance);
        var over = new ApprovalRequiredAIFunction(governed);
        Assert.NotNull(over.GetService<ApprovalRequiredAIFunction>());
        Assert.NotNull(over.WithGovernance(host.Governance).GetService<ApprovalRequiredAIFunction>());
        ApprovalRequiredAIFunction detected = Assert.IsType<ApprovalRequiredAIFunction>(under.GetService<ApprovalRequiredAIFunction>());
        Assert.Same(under, detected.GetService<Agt.Adapters.ExtensionsAI.Functions.GovernedAIFunction>());
    }

    [Fact]
    [Requirement("ADP-025", Partial = "rules of the policy languages compare names as they are; lists know aliases")]
    public async Task A_deceiving_name_denies_every_call()
    {
        using var host = new Host();
        var probe = new Probe("ba\u200bsh");

        Assert.StartsWith("The request was refused.", (string?)await probe.WithGovernance(host.Governance).InvokeAsync(), StringComparison.Ordinal);

        Assert.Empty(probe.Seen);
        Assert.Equal(ReasonCodes.RequestInvalid, Assert.Single(host.Records).Decision!.Reason);
    }

    [Fact]
    public async Task What_the_function_throws_passes_through_and_is_recorded_as_failed()
    {
        using var host = new Host();
        AIFunction function = AIFunctionFactory.Create(string () => throw new TimeoutException("t"), "fails");

        await Assert.ThrowsAsync<TimeoutException>(async () => await function.WithGovernance(host.Governance).InvokeAsync());

        Assert.Equal(OutcomeStatus.Failed, Assert.Single(host.Records, r => r.IsOutcome).Status);
    }

    [Fact]
    public async Task An_agent_that_may_not_start_gets_a_result_and_no_exception()
    {
        using var host = new Host(new TestInterceptor("closed") { Before = (context, _) => new(context.Point == InterventionPoint.AgentStartup ? Host.Deny() : default) });
        var probe = new Probe();

        Assert.StartsWith("Denied by governance policy.", (string?)await probe.WithGovernance(host.Governance).InvokeAsync(), StringComparison.Ordinal);
        Assert.Empty(probe.Seen);
    }

    public sealed record Order(int Id, string[] Notes);

    private sealed class Thrower
    {
        public string Name => throw new InvalidOperationException("s3cret");
    }

    private sealed class Cycle
    {
        public Cycle? Self { get; set; }
    }

    private sealed class Pages
    {
        public IEnumerable<string> All
        {
            get
            {
                while (true)
                {
                    yield return "page";
                }
            }
        }
    }

    /// <summary>A function without a method behind it: it sees its arguments as they come.</summary>
    [Theory]
    [InlineData("""{"AMOUNT":600}""")]
    [InlineData("""{"amount":"600"}""")]
    [InlineData("""{"amount":1,"Amount":600}""")]
    [InlineData("\"{\\\"amount\\\":600}\"")]
    [Requirement("ADP-020")]
    public async Task Policy_sees_a_structure_as_the_function_will_read_it_however_the_model_spells_it(string order)
    {
        string? seen = null;
        int got = 0;
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, context =>
        {
            seen = CanonicalJson.ToString(context.Payload);
            return Verdict.Allow;
        }));
        AIFunction function = AIFunctionFactory.Create((Purchase order) => got = order.Amount, "pay").WithGovernance(host.Governance);

        await function.InvokeAsync(new AIFunctionArguments { ["order"] = JsonElement.Parse(order) });

        Assert.True(got is 0 || seen == """{"order":{"amount":600}}""", $"{got} {seen}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Requirement("ADP-020")]
    public async Task Policy_sees_a_number_that_a_model_wrote_as_text_as_the_number_that_the_function_will_read(bool element)
    {
        string? seen = null;
        int got = 0;
        using var host = new Host(Host.At(InterventionPoint.PreToolCall, context =>
        {
            seen = CanonicalJson.ToString(context.Payload);
            return Verdict.Allow;
        }));
        AIFunction function = AIFunctionFactory.Create((int amount) => got = amount, "pay").WithGovernance(host.Governance);

        await function.InvokeAsync(new AIFunctionArguments { ["amount"] = element ? JsonElement.Parse("\"600\"") : "600" });

        Assert.True(got is 0 || seen == """{"amount":600}""", $"{got} {seen}");
    }

    private sealed record Purchase(int Amount);

    private sealed class Probe(string name = "probe") : AIFunction
    {
        public List<AIFunctionArguments> Seen { get; } = [];

        public object? Result { get; init; } = "done";

        public override string Name => name;

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
        {
            Seen.Add(arguments);
            return new ValueTask<object?>(Result);
        }
    }
}
