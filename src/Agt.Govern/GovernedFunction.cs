using Agt.Audit;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt;

/// <summary>
/// A function that cannot be called but through the chain: policy, approval, record, checks, then the function, then policy on its result (spec 01, POL-185). It has one session, whose
/// budgets hold for all calls together. Made by <see cref="Governed"/>. Thread-safe.
/// </summary>
/// <typeparam name="TResult">What the function returns.</typeparam>
public sealed class GovernedFunction<TResult> : IAsyncDisposable
{
    private readonly Func<GovernedArguments, CancellationToken, ValueTask<TResult>> _function;
    private readonly GovernOptions<TResult> _options;
    private readonly ServiceProvider _services;
    private readonly IGovernance _governance;
    private readonly FunctionResultCodec _codec;
    private readonly ActionTemplate _template;
    private readonly SemaphoreSlim _opening = new(1);
    private GovernanceSession? _session;

    internal GovernedFunction(string tool, Func<GovernedArguments, CancellationToken, ValueTask<TResult>> function, FunctionPolicy policy, GovernOptions<TResult> options)
    {
        _function = function;
        _options = options;
        _codec = new FunctionResultCodec(options.Converter);
        _template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(options.Agent), new ToolIdentity(tool, effects: options.Effects), "govern");
        var services = new ServiceCollection();
        if (options.Time is not null)
        {
            services.AddSingleton(options.Time);
        }

        IGovernanceBuilder builder = services.AddGovernance();
        policy.AddTo(builder);
        if (options.Approvals is not null)
        {
            builder.AddApprovals(options.Approvals);
        }

        if (options.Log is not null)
        {
            builder.UseDecisionLog(options.Log);
        }

        foreach (Policy.Advice.IAdvisoryCheck check in options.Checks)
        {
            builder.AddAdvisoryCheck(check);
        }

        options.Configure?.Invoke(builder);
        _services = services.BuildServiceProvider();
        try
        {
            // The policy is read here: one that is refused makes no function.
            _governance = _services.GetRequiredService<IGovernance>();
            Log = _services.GetRequiredService<IDecisionLog>();
        }
        catch
        {
            _services.Dispose();
            throw;
        }
    }

    /// <summary>The name under which policies know it.</summary>
    public string Tool => _template.Tool!.Name;

    /// <summary>Where its decisions are recorded: that of the options, or an <see cref="InMemoryDecisionLog"/>.</summary>
    public IDecisionLog Log { get; }

    /// <summary>Calls the function, if it may be called.</summary>
    /// <param name="arguments">Text, numbers, true or false, lists, maps and JSON; frozen before anything is decided.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What the function returned, as the policy leaves it; or what <see cref="GovernOptions{TResult}.OnDeny"/> says.</returns>
    /// <exception cref="GovernanceDeniedException">The call is denied, or its result withheld, and there is no <see cref="GovernOptions{TResult}.OnDeny"/>.</exception>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    public async ValueTask<TResult> InvokeAsync(IReadOnlyDictionary<string, object?> arguments, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        GovernanceSession session;
        try
        {
            session = _session ?? await OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (GovernanceDeniedException denied) when (_options.OnDeny is not null)
        {
            return _options.OnDeny(denied.Decision, denied.DecisionId);
        }

        GovernedResult<TResult> result = await _governance.InvokeAsync(
            Freeze(arguments, session), _function, static (function, operation, token) => function(new GovernedArguments(operation.Payload), token), _codec, cancellationToken).ConfigureAwait(false);
        return result.IsAllowed
            ? result.Value!
            : _options.OnDeny is { } onDeny ? onDeny(result.Decision, result.DecisionId) : throw new GovernanceDeniedException(result.Decision, result.DecisionId);
    }

    /// <summary>Ends the session. Later calls are refused.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _session, null) is { } session)
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }

        await _services.DisposeAsync().ConfigureAwait(false);
        _opening.Dispose();
    }

    private async ValueTask<GovernanceSession> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _session ??= await _governance.OpenSessionAsync(_template.Principal, null, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>What cannot be frozen becomes a refusal that the chain records.</summary>
    private GovernedAction Freeze(IReadOnlyDictionary<string, object?> arguments, GovernanceSession session)
    {
        ValueArena arena = _governance.RentArena();
        try
        {
            arena.BeginMap();
            foreach ((string name, object? value) in arguments)
            {
                arena.Name(name);
                arena.WriteObject(value, _options.Converter);
            }

            return new GovernedAction(_template, session, arena.End(), arena, parent: GovernanceScope.Action);
        }
        catch (PayloadException unreadable)
        {
            arena.Release();
            return new GovernedAction(_template, session, default, parent: GovernanceScope.Action, refusal: unreadable.Reason);
        }
        catch
        {
            arena.Release();
            throw;
        }
    }
}
