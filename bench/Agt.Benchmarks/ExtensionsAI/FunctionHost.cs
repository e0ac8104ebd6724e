using Agt.Adapters.ExtensionsAI.Functions;
using Agt.Benchmarks.Chain;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Benchmarks.ExtensionsAI;

/// <summary>One function with six arguments, governed and merely delegated to, inside an open session with eight silent interceptors.</summary>
internal sealed class FunctionHost
{
    private readonly ChainHost _chain = new(8);
    private readonly GovernedValue _payload;

    internal FunctionHost()
    {
        var function = new Silent();
        // As a governed client wraps it: the principal of the session and of the function are one object.
        Governed = new GovernedAIFunction(function, _chain.Governance, ChainHost.Agent, new Agt.Adapters.ExtensionsAI.ExtensionsAIGovernanceOptions());
        Delegated = new Delegating(function);
        _payload = _chain.Capture(out _);
    }

    internal AIFunction Governed { get; }

    internal AIFunction Delegated { get; }

    internal AIFunctionArguments Arguments { get; } = new(ChainHost.Arguments);

    internal GovernanceScope.Scope Enter() => GovernanceScope.Enter(_chain.Session);

    internal object? Call(AIFunction function)
    {
        ValueTask<object?> call = function.InvokeAsync(Arguments);
        return call.IsCompletedSuccessfully ? call.Result : throw new InvalidOperationException("The call waited for something.");
    }

    /// <summary>All that the governed call does, but for what is the adapter's own: capture, and a round of the chain with the function as its effect.</summary>
    internal object? Baseline()
    {
        GovernedValue payload = _chain.Capture(out ValueArena arena);
        ValueTask<GovernedResult<object?>> round = _chain.Governance.InvokeAsync(
            new GovernedAction(_chain.Tool, _chain.Session, payload, arena), this, static (host, _, token) => host.Delegated.InvokeAsync(host.Arguments, token), NoCodec.Instance);
        return round.IsCompletedSuccessfully ? round.Result.Value : throw new InvalidOperationException("The round waited for something.");
    }

    /// <summary>The round alone.</summary>
    internal object? Round()
    {
        ValueTask<GovernedResult<object?>> round = _chain.Governance.InvokeAsync(
            new GovernedAction(_chain.Tool, _chain.Session, _payload), this, static (host, _, token) => host.Delegated.InvokeAsync(host.Arguments, token), NoCodec.Instance);
        return round.IsCompletedSuccessfully ? round.Result.Value : throw new InvalidOperationException("The round waited for something.");
    }

    private sealed class Silent : AIFunction
    {
        public override string Name => "refund";

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => new("done");
    }

    private sealed class Delegating(AIFunction inner) : DelegatingAIFunction(inner);

    private sealed class NoCodec : ResultCodec
    {
        internal static NoCodec Instance { get; } = new();

        public override GovernedValue Capture(object? result, ValueArena arena) => GovernedValue.From((string?)result);

        public override object? Replace(object? original, GovernedValue value) => value.AsString();
    }
}
