using Agt.Adapters.SemanticKernel.Chat;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Agt.Adapters.SemanticKernel.Tests;

public sealed class RegistrationTests
{
    [Fact]
    [Requirement("ADP-200")]
    public void A_builder_puts_the_filters_first_and_decorates_services_with_and_without_a_key()
    {
        using var fixture = new KernelFixture();
        using var model = new ScriptedModel();
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.Services.AddSingleton<IFunctionInvocationFilter>(new Passing());
        builder.AddOpenAIChatCompletion("m", "key", httpClient: new HttpClient(model, disposeHandler: false));
        builder.AddOpenAIChatCompletion("m", "key", serviceId: "second", httpClient: new HttpClient(model, disposeHandler: false));

        Kernel kernel = builder.AddGovernance(fixture.Governance).AddGovernance(fixture.Governance).Build();

        Assert.IsType<GovernanceFilter>(kernel.FunctionInvocationFilters[0]);
        Assert.Single(kernel.AutoFunctionInvocationFilters);
        Assert.Single(kernel.PromptRenderFilters);
        IChatCompletionService[] services = [.. kernel.GetAllServices<IChatCompletionService>()];
        Assert.Equal(2, services.Length);
        Assert.All(services, service => Assert.IsType<GovernedChatCompletionService>(service));
        Assert.NotNull(kernel.GetRequiredService<IChatCompletionService>("second"));
    }

    [Fact]
    [Requirement("ADP-002")]
    public async Task A_builder_with_a_governance_of_its_own_denies_by_its_interceptors_and_describes_the_adapter()
    {
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.Services.Configure<GovernanceOptions>(options => options.RequirePolicy = false);
        builder.AddGovernance(
            governance => governance.AddInterceptor(new TestInterceptor("policy")
            {
                Before = (context, _) => new(context.Template.Tool?.Name == "A.Run" ? Verdict.Deny(ReasonCodes.RuleDenied) : Verdict.Allow),
            }),
            options => options.Agent = AgentId.Parse("billing-1"));
        Kernel kernel = builder.Build();
        kernel.Plugins.AddFromFunctions("A", [KernelFunctionFactory.CreateFromMethod(() => 1, "Run")]);

        await Assert.ThrowsAsync<GovernanceDeniedException>(() => kernel.InvokeAsync("A", "Run"));

        AdapterDescriptor descriptor = kernel.Services.GetServices<IGovernanceAdapter>().Single().Descriptor;
        Assert.Equal("Microsoft.SemanticKernel.Abstractions", descriptor.PackageId);
        Assert.Equal(typeof(Kernel).Assembly.GetName().Version!.ToString(3), descriptor.MinVersion);
    }

    [Fact]
    public void A_builder_refuses_a_second_governance()
    {
        using var one = new KernelFixture();
        using var other = new KernelFixture();
        IKernelBuilder builder = Kernel.CreateBuilder().AddGovernance(one.Governance);

        Assert.Throws<InvalidOperationException>(() => builder.AddGovernance(other.Governance));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(8_388_609, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 10_001)]
    public void Options_out_of_range_are_refused(int bytes, int updates)
    {
        using var fixture = new KernelFixture();

        Assert.Throws<InvalidOperationException>(() => new Kernel().AddGovernance(fixture.Governance, options =>
        {
            options.MaxStreamBytes = bytes;
            options.MaxStreamUpdates = updates;
        }));
    }

    [Fact]
    [Requirement("ADP-211")]
    [Requirement("ADP-156", Partial = "at start only when the host calls VerifyGoverned; no canary")]
    public void A_governed_kernel_has_no_gap_and_each_gap_names_its_fix()
    {
        using var fixture = new KernelFixture();
        using var model = new ScriptedModel();
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.AddOpenAIChatCompletion("m", "key", httpClient: new HttpClient(model, disposeHandler: false));
        Kernel kernel = builder.AddGovernance(fixture.Governance).Build();
        KernelGovernanceReport good = kernel.VerifyGoverned();
        builder.AddOpenAIChatCompletion("m", "key", serviceId: "late", httpClient: new HttpClient(model, disposeHandler: false));
        Kernel late = builder.Build();
        late.FunctionInvocationFilters.Insert(0, new Passing());
        late.FunctionInvocationFilters.Add(new Passing());
        late.AutoFunctionInvocationFilters.Clear();

        KernelGovernanceReport bad = late.VerifyGoverned();

        Assert.True(good.IsGoverned);
        Assert.Equal(["function", "auto_function", "prompt"], good.Filters);
        Assert.Equal(1, good.GovernedServices);
        good.ThrowIfNotGoverned();
        Assert.Equal(["auto_function_filter", "chat_service", "function_filter_order", "inner_filter", "text_service"], bad.Gaps.Select(gap => gap.Id).Order());
        Assert.All(bad.Gaps, gap => Assert.NotEmpty(gap.Fix));
        Assert.Contains("inner_filter", Assert.Throws<InvalidOperationException>(bad.ThrowIfNotGoverned).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("ADP-211")]
    public async Task A_function_handed_out_as_a_tool_runs_on_its_governed_kernel_or_not_at_all()
    {
        var ran = new List<string>();
        using var fixture = new KernelFixture(new TestInterceptor("rule")
        {
            Before = (context, _) => new(context.Template.Tool is not null && context.Payload.TryGetMember("path", out Values.GovernedValue path) && path.AsString() == "/secret"
                ? Verdict.Deny(ReasonCodes.RuleDenied) : default),
        });
        var kernel = new Kernel();
        KernelFunction function = kernel.Plugins.AddFromFunctions("Files", [KernelFunctionFactory.CreateFromMethod((string path) =>
        {
            ran.Add(path);
            return "content of " + path;
        }, "Read")])["Read"];
        Assert.Throws<InvalidOperationException>(() => kernel.Govern(function));
        kernel.AddGovernance(fixture.Governance);

        Microsoft.Extensions.AI.AIFunction tool = kernel.Govern(function);
        object? allowed = await tool.InvokeAsync(new() { ["path"] = "/a" }, TestContext.Current.CancellationToken);
        object? denied = await tool.InvokeAsync(new() { ["path"] = "/secret" }, TestContext.Current.CancellationToken);

        Assert.Contains("content of /a", allowed!.ToString(), StringComparison.Ordinal);
        Assert.Contains("(decision ", denied!.ToString(), StringComparison.Ordinal);
        Assert.Equal(["/a"], ran);
        Assert.Null(tool.GetService<KernelFunction>());
        kernel.FunctionInvocationFilters.Clear();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await tool.InvokeAsync(new() { ["path"] = "/a" }, TestContext.Current.CancellationToken));
        Assert.Equal(["/a"], ran);
    }

    private sealed class Passing : IFunctionInvocationFilter
    {
        public Task OnFunctionInvocationAsync(FunctionInvocationContext context, Func<FunctionInvocationContext, Task> next) => next(context);
    }
}
