using Agt.Adapters.ExtensionsAI.NativeApprovals;
using Agt.Adapters.ExtensionsAI.Chat;
using Agt.Adapters.ExtensionsAI.Values;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Functions;

/// <summary>
/// A function whose every call is decided on first and runs from the frozen arguments. A denial is the result, never an exception: the function-invoking client swallows exceptions,
/// shows their text to the model on request, and goes on. Thread-safe if the function is.
/// </summary>
internal sealed class GovernedAIFunction : DelegatingAIFunction
{
    private readonly IGovernance _governance;
    private readonly ActionTemplate _template;
    private readonly ReasonCode? _refusal;
    private readonly bool _terminateOnDeny;
    private readonly ArgumentBinder _binder;
    private readonly FunctionResultCodec _codec;
    private readonly ApprovalRequiredAIFunction? _approvalRequired;
    private readonly GovernedAIFunction? _below;

    internal GovernedAIFunction(AIFunction function, IGovernance governance, Principal principal, AdapterOptions options)
        : base(function)
    {
        _governance = governance;
        _terminateOnDeny = options.TerminateOnDeny;
        Name = function.Name;
        _template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", principal, ToolNames.Identify(Name, out _refusal, FunctionContent.HashOf(function), options), "Microsoft.Extensions.AI");
        var freezer = new ObjectFreezer(function.JsonSerializerOptions);
        _binder = new ArgumentBinder(function, freezer);
        _codec = new FunctionResultCodec(freezer);

        // The framework's own wrapper adds nothing to the call; whatever else lies over a governed function is decided on for itself.
        _below = function.GetType() == typeof(ApprovalRequiredAIFunction) && function.GetService<GovernedAIFunction>() is { } below && ReferenceEquals(below._governance, governance)
            ? below
            : null;

        // Detection must work through the wrapper, without handing out what is under it.
        _approvalRequired = function.GetService<ApprovalRequiredAIFunction>() is null ? null : new ApprovalRequiredAIFunction(this);
    }

    /// <summary>The name at the time of wrapping: a function that changes its name later is still decided on by this one.</summary>
    public override string Name { get; }

    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(ApprovalRequiredAIFunction) ? _approvalRequired
            : null;
    }

    /// <summary>The digest of what was governed.</summary>
    internal Digest ContentHash => _template.Tool!.ContentHash;

    /// <summary>What was governed.</summary>
    internal AIFunction Unwrap(UnwrapKey key)
    {
        key.Open(_governance);
        return InnerFunction;
    }

    /// <summary>Decides on a call that the model asks for without running it. What is of another principal than the session is decided on when it runs.</summary>
    internal async ValueTask<Rehearsal> RehearseAsync(FunctionCallContent call, GovernanceSession session, GovernedAction? parent, CancellationToken cancellationToken)
    {
        if (!_template.Principal.IsSatisfiedBy(session.Principal))
        {
            return Rehearsal.Allowed;
        }

        GovernedAction action = Freeze(new AIFunctionArguments(call.Arguments), session, parent, call.CallId, null, rehearsal: true);
        GovernedOperation operation = await _governance.AuthorizeAsync(action, cancellationToken).ConfigureAwait(false);
        await using (operation.ConfigureAwait(false))
        {
            return Rehearsal.Of(operation);
        }
    }

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        string? callId = CallIdOf(arguments);
        ChatTurn? turn = callId is null ? null : ChatTurn.Current;
        if (turn is not null && turn.TryTakeDenial(callId!, out Denial known))
        {
            return new ValueTask<object?>(Deny(known));
        }

        GovernedAction? parent = GovernanceScope.Action;
        if (Passage.IsOpenFor(this) && TryPass(arguments, parent, out AIFunctionArguments? decided))
        {
            return InnerFunction.InvokeAsync(decided, cancellationToken);
        }

        GrantedCall? grant = turn?.TakeGrant(callId!);
        GovernanceSession? session = parent is null ? GovernanceScope.Session : parent.Session;
        if (session is null || !_template.Principal.IsSatisfiedBy(session.Principal))
        {
            return InOwnSessionAsync(arguments, parent, callId, grant, cancellationToken);
        }

        GovernedAction action = Freeze(arguments, session, parent, callId, grant);
        ValueTask<GovernedResult<object?>> round = Invoke(action, arguments, cancellationToken);
        if (round.IsCompletedSuccessfully)
        {
            GovernedResult<object?> result = round.Result;
            return new ValueTask<object?>(result.IsAllowed ? result.Value : Deny(Denial.Of(in result)));
        }

        return WhenDoneAsync(action, round);
    }

    /// <summary>The framework's id of the call, if this is the call that the function-invoking client is making, and not one inside it.</summary>
    private static string? CallIdOf(AIFunctionArguments arguments) =>
        FunctionInvokingChatClient.CurrentContext is { } context && ReferenceEquals(context.Arguments, arguments) ? context.CallContent.CallId : null;

    private static ValueTask<object?> Run(Call call, GovernedOperation operation, CancellationToken cancellationToken)
    {
        AIFunctionArguments arguments = call.Function._binder.Bind(operation.Payload, operation.IsPayloadChanged, call.Arguments);
        return call.Function._below is { } below
            ? PassAsync(call.Function.InnerFunction, arguments, new Passage(below, operation.Action, operation.Payload), cancellationToken)
            : call.Function.InnerFunction.InvokeAsync(arguments, cancellationToken);
    }

    private static async ValueTask<object?> PassAsync(AIFunction function, AIFunctionArguments arguments, Passage passage, CancellationToken cancellationToken)
    {
        passage.Enter();
        return await function.InvokeAsync(arguments, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The arguments to run with, if this call was decided on above already.</summary>
    private bool TryPass(AIFunctionArguments arguments, GovernedAction? parent, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out AIFunctionArguments? decided)
    {
        decided = null;
        ValueArena arena = _governance.RentArena();
        try
        {
            GovernedValue frozen = _binder.Freeze(arguments, arena);
            if (Passage.TryTake(this, parent, frozen))
            {
                decided = _binder.Bind(frozen, changed: false, arguments);
            }
        }
        catch (Exception exception) when (exception is PayloadException or Refusal)
        {
            // What cannot be frozen is decided on, and denied, like any other call.
            decided = null;
        }
        finally
        {
            arena.Release();
        }

        return decided is not null;
    }

    private ValueTask<GovernedResult<object?>> Invoke(GovernedAction action, AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        _governance.InvokeAsync(action, new Call(this, arguments), static (call, operation, token) => Run(call, operation, token), _codec, cancellationToken);

    private GovernedAction Freeze(
        AIFunctionArguments arguments, GovernanceSession session, GovernedAction? parent, string? callId, GrantedCall? grant, bool rehearsal = false)
    {
        ValueArena arena = _governance.RentArena();
        GovernedValue payload = default;
        ReasonCode? refusal = _refusal;
        try
        {
            payload = _binder.Freeze(arguments, arena);
        }
        catch (Exception exception)
        {
            refusal ??= (exception as PayloadException)?.Reason ?? ReasonCodes.PayloadUnsupported;
        }

        return grant is null && !rehearsal
            ? new GovernedAction(_template, session, payload, arena, callId, parent, refusal)
            : new GovernedAction(_template, session, payload, arena, callId, parent, refusal) { Approver = grant, IsRehearsal = rehearsal };
    }

    private async ValueTask<object?> WhenDoneAsync(GovernedAction action, ValueTask<GovernedResult<object?>> round)
    {
        try
        {
            GovernedResult<object?> result = await round.ConfigureAwait(false);
            return result.IsAllowed ? result.Value : Deny(Denial.Of(in result));
        }
        catch (Refusal refusal)
        {
            return Deny(await refusal.DecideAsync(_governance, action).ConfigureAwait(false));
        }
    }

    private async ValueTask<object?> InOwnSessionAsync(
        AIFunctionArguments arguments, GovernedAction? parent, string? callId, GrantedCall? grant, CancellationToken cancellationToken)
    {
        SessionLease lease;
        try
        {
            lease = await _governance.AcquireSessionAsync(_template.Principal, cancellationToken).ConfigureAwait(false);
        }
        catch (GovernanceDeniedException denied)
        {
            return Deny(Denial.Of(denied));
        }

        await using (lease.ConfigureAwait(false))
        {
            GovernedAction action = Freeze(arguments, lease.Session, parent, callId, grant);
            return await WhenDoneAsync(action, Invoke(action, arguments, cancellationToken)).ConfigureAwait(false);
        }
    }

    private string Deny(Denial denial)
    {
        if (FunctionInvokingChatClient.CurrentContext is { } context &&
            (_terminateOnDeny | ChatTurn.Current?.IsOnceTooOften(context.CallContent.Name, context.CallContent.Arguments) == true))
        {
            context.Terminate = true;
        }

        return denial.Text;
    }

    private readonly record struct Call(GovernedAIFunction Function, AIFunctionArguments Arguments);
}
