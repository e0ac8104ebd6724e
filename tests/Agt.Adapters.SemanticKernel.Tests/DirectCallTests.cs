using System.Text.RegularExpressions;
using Agt.Values;

namespace Agt.Adapters.SemanticKernel.Tests;

public sealed class DirectCallTests
{
    private static readonly Regex Mail = new("[a-z]+@[a-z.]+", RegexOptions.NonBacktracking);

    [Fact]
    [Requirement("ADP-C02")]
    public async Task An_allowed_function_runs_once_with_its_own_arguments_and_result()
    {
        int runs = 0;
        using var fixture = new KernelFixture();
        fixture.Add("Orders", "Refund", (string order, int amount) =>
        {
            runs++;
            return $"{order}:{amount}";
        });

        FunctionResult result = await fixture.Kernel.InvokeAsync("Orders", "Refund", new() { ["order"] = "A-1", ["amount"] = 7 });

        Assert.Equal("A-1:7", result.GetValue<string>());
        Assert.Equal(1, runs);
        LoggedRecordsAre(fixture, "Orders.Refund");
    }

    [Fact]
    [Requirement("AUD-408")]
    public async Task What_the_host_declares_of_a_tool_is_known_of_its_calls()
    {
        using var fixture = new KernelFixture();
        Kernel kernel = new Kernel().AddGovernance(fixture.Governance, options => options.Tools["Orders.*"] = new ToolDeclaration(ToolEffects.Writes, "key"));
        kernel.Plugins.AddFromFunctions("Orders", [KernelFunctionFactory.CreateFromMethod((string order) => order, "Refund")]);
        await kernel.InvokeAsync("Orders", "Refund", new() { ["order"] = "A-1" });
        ToolIdentity tool = fixture.Records.First(record => record.Template.Tool?.Name == "Orders.Refund").Template.Tool!;
        Assert.Equal((ToolEffects.Writes, "key"), (tool.Effects, tool.IdempotencyArgument));
    }

    [Theory]
    [InlineData("DELETE")]
    [InlineData("1")]
    [InlineData(" Delete ")]
    [Requirement("ADP-020")]
    public async Task Policies_see_the_member_of_an_enum_that_the_function_will_get(string text)
    {
        string? seen = null;
        Mode? got = null;
        using var fixture = new KernelFixture(new TestInterceptor("spy")
        {
            Before = (context, _) =>
            {
                seen = context.Point == InterventionPoint.PreToolCall ? CanonicalJson.ToString(context.Payload) : seen;
                return default;
            },
        });
        fixture.Add("Files", "Change", (Mode mode) => { got = mode; });

        await fixture.Kernel.InvokeAsync("Files", "Change", new() { ["mode"] = text });

        Assert.Equal(Mode.Delete, got);
        Assert.Equal("""{"mode":"Delete"}""", seen);
    }

    [Theory]
    [InlineData("""{"AMOUNT":600}""")]
    [InlineData("""{"amount":600}""")]
    [Requirement("ADP-020")]
    public async Task Policies_see_a_structure_as_the_function_will_read_it(string text)
    {
        string? seen = null;
        int got = 0;
        using var fixture = new KernelFixture(new TestInterceptor("spy")
        {
            Before = (context, _) =>
            {
                seen = context.Point == InterventionPoint.PreToolCall ? CanonicalJson.ToString(context.Payload) : seen;
                return default;
            },
        });
        fixture.Add("Orders", "Pay", (Order order) => { got = order.Amount; });

        try
        {
            await fixture.Kernel.InvokeAsync("Orders", "Pay", new() { ["order"] = text });
        }
        catch (KernelException)
        {
            Assert.Equal(0, got);
        }

        Assert.True(got is 0 || seen is """{"order":{"Amount":600}}""" or """{"order":{"amount":600}}""", $"{got} {seen}");
    }

    [Fact]
    [Requirement("ADP-150")]
    public async Task A_denied_function_never_runs_and_its_caller_gets_an_exception_without_the_rule()
    {
        bool ran = false;
        using var fixture = new KernelFixture(DenyTool("Files.Delete"));
        fixture.Add("Files", "Delete", (string path) => ran = true);

        GovernanceDeniedException denied = await Assert.ThrowsAsync<GovernanceDeniedException>(
            () => fixture.Kernel.InvokeAsync("Files", "Delete", new() { ["path"] = "/data/a" }));

        Assert.False(ran);
        Assert.Contains("Denied by governance policy.", denied.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-rule", denied.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("/data/a", denied.Message, StringComparison.Ordinal);
        Assert.Equal(fixture.Decisions.Single().DecisionId, denied.DecisionId);
    }

    [Fact]
    [Requirement("ADP-024", Partial = "the ids of later adapters")]
    public async Task Policies_see_the_plugin_and_the_function_and_arguments_under_declared_names()
    {
        OperationContext? seen = null;
        string json = "";
        using var fixture = new KernelFixture(new TestInterceptor("spy")
        {
            Before = (context, _) =>
            {
                seen = context.Point == InterventionPoint.PreToolCall ? context : seen;
                json = context.Point == InterventionPoint.PreToolCall ? CanonicalJson.ToString(context.Payload) : json;
                Assert.True(context.Point != InterventionPoint.PreToolCall || context.Template.Tool is { Name: "Files.Read", Source: "Files" });
                return default;
            },
        });
        fixture.Add("Files", "Read", (string path) => path);

        await fixture.Kernel.InvokeAsync("Files", "Read", new() { ["PATH"] = "/a", ["extra"] = 1.5 });

        Assert.NotNull(seen);
        Assert.Equal("""{"extra":1.5,"path":"/a"}""", json);
    }

    [Theory]
    [InlineData("int", "900", "900")]
    [InlineData("bool", "True", "true")]
    [InlineData("list", "[1,2]", "[1,2]")]
    [InlineData("text", "900", "\"900\"")]
    [Requirement("ADP-027", Partial = "arguments that Semantic Kernel passes as text")]
    public async Task Text_for_a_parameter_that_is_no_text_is_shown_to_policies_as_what_it_means(string name, string text, string expected)
    {
        string? seen = null;
        using var fixture = new KernelFixture(new TestInterceptor("spy")
        {
            Before = (context, _) =>
            {
                seen = context.Payload.TryGetMember(name, out GovernedValue value) ? CanonicalJson.ToString(value) : seen;
                return default;
            },
        });
        object? got = null;
        fixture.Kernel.Plugins.AddFromFunctions("P",
        [
            KernelFunctionFactory.CreateFromMethod((int @int) => got = @int, "int"),
            KernelFunctionFactory.CreateFromMethod((bool @bool) => got = @bool, "bool"),
            KernelFunctionFactory.CreateFromMethod((int[] list) => got = list[1], "list"),
            KernelFunctionFactory.CreateFromMethod((string text) => got = text, "text"),
        ]);

        await fixture.Kernel.InvokeAsync("P", name, new() { [name] = text });

        Assert.Equal(expected, seen);
        Assert.Equal(name switch { "int" => 900, "bool" => true, "list" => 2, _ => (object)"900" }, got);
    }

    [Theory]
    [InlineData("0x384")]
    [InlineData(" 900")]
    [InlineData("")]
    public async Task Text_that_only_the_kernel_would_read_as_a_number_denies(string text)
    {
        bool ran = false;
        using var fixture = new KernelFixture();
        fixture.Add("Orders", "Refund", (int amount) => ran = true);

        GovernanceDeniedException denied = await Assert.ThrowsAsync<GovernanceDeniedException>(
            () => fixture.Kernel.InvokeAsync("Orders", "Refund", new() { ["amount"] = text }));

        Assert.False(ran);
        Assert.Equal(ReasonCodes.RequestInvalid, denied.Decision.Reason);
    }

    [Fact]
    [Requirement("ADP-204", "ADP-100")]
    public async Task A_transform_changes_what_the_function_gets_and_a_removed_argument_is_gone()
    {
        KernelArguments? got = null;
        using var fixture = new KernelFixture(Transforms(Patch.Set(PatchPath.Parse("args.amount"), GovernedValue.From(5)), Patch.Remove(PatchPath.Parse("args.note"))));
        fixture.Add("Orders", "Refund", (int amount, KernelArguments all) =>
        {
            got = new KernelArguments(all);
            return amount;
        });
        var arguments = new KernelArguments { ["amount"] = 900, ["note"] = "hurry" };

        FunctionResult result = await fixture.Kernel.InvokeAsync("Orders", "Refund", arguments);

        Assert.Equal(5, result.GetValue<int>());
        Assert.Equal(5, got!["amount"]);
        Assert.False(got.ContainsName("note"));
        Assert.Equal(900, arguments["amount"]);
        Assert.Equal("hurry", arguments["note"]);
    }

    [Fact]
    [Requirement("ADP-102")]
    public async Task A_transform_that_does_not_fit_the_parameter_denies()
    {
        bool ran = false;
        using var fixture = new KernelFixture(Transforms(Patch.Redact(PatchPath.Parse("args.amount"))));
        fixture.Add("Orders", "Refund", (int amount) => ran = true);

        GovernanceDeniedException denied = await Assert.ThrowsAsync<GovernanceDeniedException>(
            () => fixture.Kernel.InvokeAsync("Orders", "Refund", new() { ["amount"] = 900 }));

        Assert.False(ran);
        Assert.Equal(ReasonCodes.TransformInvalid, denied.Decision.Reason);
    }

    [Fact]
    [Requirement("ADP-103")]
    public async Task A_redacted_result_keeps_its_metadata()
    {
        using var fixture = new KernelFixture(RedactsOutput());
        KernelFunction function = KernelFunctionFactory.CreateFromMethod(
            () => new FunctionResult(KernelFunctionFactory.CreateFromMethod(() => 1, "inner"), "write to eve@example.org", metadata: new Dictionary<string, object?> { ["source"] = "crm" }),
            "Find");

        FunctionResult result = await fixture.Kernel.InvokeAsync(function);

        Assert.Equal("write to [REDACTED]", result.GetValue<string>());
        Assert.Equal("crm", result.Metadata!["source"]);
    }

    [Fact]
    public async Task A_redacted_result_of_a_class_is_built_anew()
    {
        using var fixture = new KernelFixture(RedactsOutput());
        fixture.Add("Crm", "Find", () => new Customer { Name = "Eve", Mail = "eve@example.org" });

        Customer? customer = await fixture.Kernel.InvokeAsync<Customer>("Crm", "Find");

        Assert.Equal(new Customer { Name = "Eve", Mail = "[REDACTED]" }, customer);
    }

    [Fact]
    [Requirement("ADP-051")]
    public async Task A_denied_result_is_withheld_also_from_filters_further_out()
    {
        using var fixture = new KernelFixture(new TestInterceptor("post")
        {
            After = (_, outcome, _) => new(outcome.Executed ? Verdict.Deny(ReasonCodes.RuleDenied) : Verdict.Allow),
        });
        fixture.Add("Crm", "Find", () => "secret");
        var outer = new Catching();
        fixture.Kernel.FunctionInvocationFilters.Insert(0, outer);

        await Assert.ThrowsAsync<GovernanceDeniedException>(() => fixture.Kernel.InvokeAsync("Crm", "Find"));

        Assert.Null(outer.Seen!.GetValue<object>());
    }

    [Fact]
    [Requirement("ADP-110")]
    public async Task What_was_approved_is_what_runs_whatever_happens_to_the_arguments_meanwhile()
    {
        var lines = new List<string> { "a", "b" };
        var arguments = new KernelArguments { ["path"] = "/approved", ["lines"] = lines };
        using var fixture = new KernelFixture(
            builder => builder.AddApprovals((request, _) =>
            {
                arguments["path"] = "/etc/passwd";
                arguments["force"] = true;
                lines[0] = "rm";
                return new(request.Approve("eve"));
            }),
            new TestInterceptor("asks") { Before = (context, _) => new(context.Point == InterventionPoint.PreToolCall ? Verdict.Escalate() : Verdict.Allow) });
        string? got = null;
        fixture.Add("Files", "Write", (string path, List<string> lines, KernelArguments all) =>
            got = path + ":" + string.Join(",", lines) + ":" + all.ContainsName("force"));

        await fixture.Kernel.InvokeAsync("Files", "Write", arguments);

        Assert.Equal("/approved:a,b:False", got);
    }

    [Fact]
    public async Task A_refused_approval_denies()
    {
        bool ran = false;
        using var fixture = new KernelFixture(
            builder => builder.AddApprovals((request, _) => new(request.Reject("eve"))),
            new TestInterceptor("asks") { Before = (context, _) => new(context.Point == InterventionPoint.PreToolCall ? Verdict.Escalate() : Verdict.Allow) });
        fixture.Add("Files", "Write", () => ran = true);

        GovernanceDeniedException denied = await Assert.ThrowsAsync<GovernanceDeniedException>(() => fixture.Kernel.InvokeAsync("Files", "Write"));

        Assert.False(ran);
        Assert.Equal(ReasonCodes.ApprovalDenied, denied.Decision.Reason);
    }

    [Fact]
    [Requirement("ADP-048", Partial = "nested calls of the Semantic Kernel adapter")]
    public async Task A_call_inside_a_function_is_a_child_operation_in_the_same_session()
    {
        var parents = new Dictionary<string, string?>();
        var sessions = new HashSet<SessionId>();
        using var fixture = new KernelFixture(new TestInterceptor("spy")
        {
            Before = (context, _) =>
            {
                if (context.Template.Tool is { } tool)
                {
                    parents[tool.Name] = context.Action.Parent?.Template.Tool?.Name;
                    sessions.Add(context.Session.Id);
                }

                return default;
            },
        });
        fixture.Add("A", "Outer", async (Kernel kernel) => (await kernel.InvokeAsync<string>("B", "Inner")) + "!");
        fixture.Add("B", "Inner", () => "x");

        Assert.Equal("x!", await fixture.Kernel.InvokeAsync<string>("A", "Outer"));

        Assert.Equal(new Dictionary<string, string?> { ["A.Outer"] = null, ["B.Inner"] = "A.Outer" }, parents);
        Assert.Single(sessions);
    }

    [Fact]
    public async Task A_function_that_throws_keeps_its_exception()
    {
        using var fixture = new KernelFixture();
        fixture.Add("A", "Fail", string () => throw new FormatException("mine"));

        await Assert.ThrowsAsync<FormatException>(() => fixture.Kernel.InvokeAsync("A", "Fail"));

        Assert.Equal(OutcomeStatus.Failed, fixture.Records[^1].Status);
    }

    [Fact]
    [Requirement("ADP-153")]
    public async Task An_argument_that_cannot_be_frozen_denies()
    {
        bool ran = false;
        using var fixture = new KernelFixture();
        fixture.Add("A", "Use", (Action callback) => ran = true);

        GovernanceDeniedException denied = await Assert.ThrowsAsync<GovernanceDeniedException>(
            () => fixture.Kernel.InvokeAsync("A", "Use", new() { ["callback"] = (Action)(() => { }) }));

        Assert.False(ran);
        Assert.Equal(ReasonCodes.PayloadUnsupported, denied.Decision.Reason);
    }

    [Fact]
    [Requirement("ADP-200")]
    public async Task Adding_twice_governs_once_stays_first_and_survives_cloning()
    {
        using var fixture = new KernelFixture();
        fixture.Kernel.FunctionInvocationFilters.Insert(0, new Catching());
        fixture.Kernel.AddGovernance(fixture.Governance);
        fixture.Add("A", "Run", () => 1);

        Kernel clone = fixture.Kernel.Clone();
        await clone.InvokeAsync("A", "Run");

        Assert.IsType<GovernanceFilter>(clone.FunctionInvocationFilters[0]);
        Assert.IsType<GovernanceFilter>(clone.AutoFunctionInvocationFilters[0]);
        Assert.Equal(2, clone.FunctionInvocationFilters.Count);
        LoggedRecordsAre(fixture, "A.Run");
    }

    private static void LoggedRecordsAre(KernelFixture fixture, params string[] tools) =>
        Assert.Equal(tools, fixture.Decisions.Select(record => record.Template.Tool!.Name));

    private static TestInterceptor DenyTool(string name) => new("policy")
    {
        Before = (context, _) => new(context.Template.Tool?.Name == name
            ? new Verdict(VerdictOutcome.Deny, new VerdictDetail(ReasonCodes.RuleDenied) { Rule = "secret-rule", Explanation = "secret-rule said so" })
            : Verdict.Allow),
    };

    private static TestInterceptor Transforms(params Patch[] patches) => new("rewrites", InterceptorStage.Policy)
    {
        Before = (context, _) => new(context.Point == InterventionPoint.PreToolCall ? Verdict.Transform(ReasonCodes.RuleMatched, patches) : Verdict.Allow),
    };

    private static TestInterceptor RedactsOutput() => new("redacts")
    {
        After = (context, outcome, _) => new(outcome.Executed && context.Point == InterventionPoint.PostToolCall
            ? Verdict.Transform(ReasonCodes.RuleMatched, Patch.Redact(PatchPath.Parse("output"), Mail))
            : Verdict.Allow),
    };

    private sealed record Customer
    {
        public string? Name { get; init; }

        public string? Mail { get; init; }
    }

    private sealed class Catching : IFunctionInvocationFilter
    {
        internal FunctionResult? Seen { get; private set; }

        public async Task OnFunctionInvocationAsync(FunctionInvocationContext context, Func<FunctionInvocationContext, Task> next)
        {
            try
            {
                await next(context);
            }
            finally
            {
                Seen = context.Result;
            }
        }
    }

    private enum Mode
    {
        Read,
        Delete,
    }

    private sealed record Order(int Amount);
}
