using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Agt.Adapters.SemanticKernel.Chat;
using Agt.Adapters.SemanticKernel.Functions;
using Agt.Values;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Agt.Adapters.SemanticKernel;

/// <summary>What the filters and decorators of one kernel share: the governance, the principal, and what is known of each function. Thread-safe.</summary>
internal sealed class SemanticKernelGovernor
{
    internal const string Framework = "semantic-kernel";
    private const int MaxTemplates = 4_096;
    private readonly ConditionalWeakTable<KernelFunction, FunctionPlan> _plans = [];
    private readonly ConditionalWeakTable<KernelFunction, FunctionPlan> _promptTools = [];
    private readonly ConcurrentDictionary<(string Id, string? Source, Digest ContentHash, bool IsPrompt), ActionTemplate> _templates = new();
    private readonly AsyncLocal<AutoCall?> _autoCall = new();
    private readonly AsyncLocal<ModelTurn?> _turn = new();
    private readonly ConditionalWeakTable<ChatHistory, ModelTurn> _turns = [];

    internal SemanticKernelGovernor(IGovernance governance, SemanticKernelGovernanceOptions options)
    {
        options.Validate();
        if (options.Streaming == StreamingMode.Observe && governance is not Chain.GovernanceEngine { EvaluatesOnly: true })
        {
            throw new InvalidOperationException(
                "Governance of Semantic Kernel: StreamingMode.Observe lets text out before it is decided on, so it needs GovernanceOptions.Mode = GovernanceMode.EvaluateOnly. Use Buffer or Window.");
        }

        Governance = governance;
        Options = options;
        Principal = options.ToPrincipal();
        ModelCall = new ActionTemplate(InterventionPoint.PreModelCall, "chat", Principal, null, Framework);
        ModelCalls = new ModelCalls(this);
        Filter = new GovernanceFilter(this);
    }

    internal IGovernance Governance { get; }

    internal SemanticKernelGovernanceOptions Options { get; }

    internal Principal Principal { get; }

    internal ActionTemplate ModelCall { get; }

    internal ModelCalls ModelCalls { get; }

    internal GovernedServices Services { get; } = new();

    internal GovernanceFilter Filter { get; }

    /// <summary>The tool call that the auto filter has decided on and whose function filter has not come yet. Flows with the call.</summary>
    internal AutoCall? AutoCall
    {
        get => _autoCall.Value;
        set => _autoCall.Value = value;
    }

    /// <summary>The request to a governed service that the current code runs in. Flows with the call.</summary>
    internal ModelTurn? Turn
    {
        set => _turn.Value = value;
    }

    /// <summary>The turn that a call belongs to: that of the governed service, else what the history of the loop stands for.</summary>
    internal ModelTurn TurnOf(ChatHistory history) => _turn.Value ?? _turns.GetOrCreateValue(history);

    internal FunctionPlan PlanFor(KernelFunction function) =>
        _plans.TryGetValue(function, out FunctionPlan? plan) ? plan : Plan(function, IsPrompt(function.GetType()), _plans);

    /// <summary>The plan of a function that a model calls: a tool whatever it is made of.</summary>
    internal FunctionPlan ToolPlanFor(KernelFunction function)
    {
        FunctionPlan plan = PlanFor(function);
        return !plan.IsPrompt ? plan
            : _promptTools.TryGetValue(function, out FunctionPlan? tool) ? tool
            : Plan(function, isPrompt: false, _promptTools);
    }

    /// <summary>Freezes the arguments of a call; what cannot be frozen becomes a refusal that the chain records.</summary>
    internal GovernedAction Action(FunctionPlan plan, KernelArguments? arguments, GovernanceSession session, string? callId, out Dictionary<string, Type>? types)
    {
        ValueArena arena = Governance.RentArena();
        try
        {
            GovernedValue payload = FrozenArguments.Freeze(arguments, plan, arena, out types);
            return new GovernedAction(plan.Template, session, payload, arena, callId, GovernanceScope.Action, plan.Refusal);
        }
        catch (Exception exception)
        {
            arena.Release();
            if (exception is not PayloadException unreadable)
            {
                throw;
            }

            types = null;
            return new GovernedAction(plan.Template, session, default, null, callId, GovernanceScope.Action, unreadable.Reason);
        }
    }

    /// <summary>Records that something allowed could not be carried out, as a denial of its own.</summary>
    internal async ValueTask<GovernanceDeniedException> RefuseAsync(ActionTemplate template, GovernanceSession session, string? callId, ReasonCode reason)
    {
        var action = new GovernedAction(template, session, default, null, callId, GovernanceScope.Action, reason);
        GovernedOperation operation = await Governance.AuthorizeAsync(action, CancellationToken.None).ConfigureAwait(false);
        await using (operation.ConfigureAwait(false))
        {
            return new GovernanceDeniedException(operation.Decision, operation.DecisionId);
        }
    }

    /// <summary>Only what the kernel itself makes of a prompt. Every other function is a tool, also one that has no method to show, such as a tool of a remote server.</summary>
    private static bool IsPrompt(Type type) => type.Name == "KernelFunctionFromPrompt" && type.Assembly == typeof(KernelFunctionFactory).Assembly;

    private FunctionPlan Plan(KernelFunction function, bool isPrompt, ConditionalWeakTable<KernelFunction, FunctionPlan> plans)
    {
        string id = FunctionPlan.IdOf(function);
        ReasonCode? refusal = null;
        ToolIdentity tool;
        try
        {
            ToolDeclaration? declared = Options.DeclarationOf(id);
            tool = new ToolIdentity(id, function.PluginName, FunctionContent.HashOf(function, id), declared?.Effects ?? ToolEffects.None, declared?.IdempotencyArgument);
        }
        catch (ArgumentException)
        {
            tool = new ToolIdentity("unnamed");
            refusal = ReasonCodes.RequestInvalid;
        }

        if (_templates.Count >= MaxTemplates)
        {
            _templates.Clear();
        }

        ActionTemplate template = _templates.GetOrAdd((tool.Name, tool.Source, tool.ContentHash, isPrompt), static (key, made) => key.IsPrompt
            ? new ActionTemplate(InterventionPoint.Input, "invoke_agent", made.Principal, made.Tool, Framework)
            : new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", made.Principal, made.Tool, Framework), (Principal, Tool: tool));
        var plan = new FunctionPlan(function, template, refusal);
        plans.AddOrUpdate(function, plan);
        return plan;
    }
}
