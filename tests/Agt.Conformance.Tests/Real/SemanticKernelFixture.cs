using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Agt.Adapters;
using Agt.Adapters.SemanticKernel;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Agt.Conformance.Tests.Real;

/// <summary>How to build and drive Semantic Kernel.</summary>
public sealed class SemanticKernelFixture : IAdapterFixture
{
    private const string Plugin = "Probes";
    private static readonly JsonSerializerOptions Deep = new() { MaxDepth = 256 };
    private Kernel _kernel = null!;
    private ConformanceSetup _setup = null!;

    public AdapterDescriptor Descriptor { get; } = new SemanticKernelAdapter().Descriptor;

    public Principal Principal { get; } = new(AgentId.Parse("kernel-agent"));

    public Assembly AdapterAssembly => typeof(SemanticKernelGovernanceOptions).Assembly;

    public string IdOf(string tool) => $"{Plugin}.{tool}";

    public IReadOnlyList<string> SpellingsOf(string tool) => [$"{Plugin}_{tool}"];

    public ValueTask StartAsync(ConformanceSetup setup, CancellationToken cancellationToken)
    {
        _setup = setup;
        IKernelBuilder builder = Kernel.CreateBuilder();
        builder.Services.AddSingleton<IChatCompletionService>(new ProbeChatClient(setup.Probes.Model).AsBuilder().UseKernelFunctionInvocation().Build().AsChatCompletionService());
        builder.Plugins.AddFromFunctions(Plugin, setup.Probes.Tools.Select(tool => KernelFunctionFactory.CreateFromMethod(
            (KernelArguments arguments, CancellationToken token) => tool.RunAsync(arguments, token).AsTask(),
            tool.Name,
            tool.Description,
            [
                new KernelParameterMetadata("path") { ParameterType = typeof(string) }, new KernelParameterMetadata("count") { ParameterType = typeof(int?) }, new KernelParameterMetadata("flag") { ParameterType = typeof(bool?) },
                new KernelParameterMetadata("note") { ParameterType = typeof(string) }, new KernelParameterMetadata("nested") { ParameterType = typeof(JsonElement?) },
            ])));
        builder.AddGovernance(setup.Governance, options =>
        {
            options.Agent = Principal.Agent;
            options.TerminateOnDeny = setup.TerminateOnDeny;
        });
        _kernel = builder.Build();
        return default;
    }

    public ValueTask<DriveResult> CallToolAsync(ToolDrive drive, CancellationToken cancellationToken) => DriveResult.OfAsync(async () =>
    {
        var arguments = new KernelArguments(JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(drive.Arguments, Deep)!.ToDictionary(pair => pair.Key, pair => Plain(pair.Value)));
        return (await _kernel.InvokeAsync(Plugin, drive.Tool, arguments, cancellationToken)).GetValue<object>()?.ToString();
    });

    public ValueTask<DriveResult> RunTurnAsync(TurnDrive drive, CancellationToken cancellationToken) => DriveResult.OfAsync(async () =>
        (await _kernel.GetRequiredService<IChatCompletionService>().GetChatMessageContentAsync(History(drive), Settings, _kernel, cancellationToken)).Content);

    public async IAsyncEnumerable<string> StreamTurnAsync(TurnDrive drive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (StreamingChatMessageContent update in _kernel.GetRequiredService<IChatCompletionService>().GetStreamingChatMessageContentsAsync(History(drive), Settings, _kernel, cancellationToken))
        {
            yield return update.Content ?? string.Empty;
        }
    }

    public async ValueTask<DriveResult?> BypassAsync(string bypassId, CancellationToken cancellationToken)
    {
        if (bypassId != "filters-removed")
        {
            return null;
        }

        _kernel.FunctionInvocationFilters.Clear();
        _kernel.AutoFunctionInvocationFilters.Clear();
        _setup.Probes.Model.Calls(new ModelCall("c-1", SpellingsOf(_setup.Probes.Tools[0].Name)[0], "{}"));
        _setup.Probes.Model.Says("done");
        return await RunTurnAsync(new TurnDrive("Please."), cancellationToken);
    }

    public ValueTask DisposeAsync() => default;

    private static PromptExecutionSettings Settings => new() { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };

    private static ChatHistory History(TurnDrive drive)
    {
        var history = new ChatHistory();
        history.AddUserMessage(drive.Prompt);
        return history;
    }

    private static object? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetInt32(),
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.Null => null,
        _ => value,
    };
}
