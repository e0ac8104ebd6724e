using System.Runtime.CompilerServices;
using Agt.Audit;
using Agt.Conformance.Tests.Toy;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Conformance.Tests.Broken;

/// <summary>The sound adapter; a broken one changes one thing of it.</summary>
public abstract class BrokenMiddleware(ConformanceSetup setup, Principal principal) : IToyMiddleware
{
    protected ToyGovernance Sound { get; } = new(setup.Governance, principal, setup.TerminateOnDeny);

    public virtual Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken) => Sound.FunctionAsync(call, next, cancellationToken);

    public virtual Task<ToyReply> ModelAsync(IReadOnlyList<ToyMessage> messages, ToyModelNext next, CancellationToken cancellationToken) => Sound.ModelAsync(messages, next, cancellationToken);

    public virtual IAsyncEnumerable<string> StreamAsync(IReadOnlyList<ToyMessage> messages, List<ToyCall> calls, ToyStreamNext next, CancellationToken cancellationToken) =>
        Sound.StreamAsync(messages, calls, next, cancellationToken);
}

/// <summary>Runs the tool, and decides then.</summary>
public sealed class RunsFirst(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override async Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken)
    {
        string result = await next(call, cancellationToken);
        return await Sound.FunctionAsync(call, (_, _) => Task.FromResult(result), cancellationToken);
    }
}

/// <summary>Knows nothing of streams.</summary>
public sealed class IgnoresStreams(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override IAsyncEnumerable<string> StreamAsync(IReadOnlyList<ToyMessage> messages, List<ToyCall> calls, ToyStreamNext next, CancellationToken cancellationToken) => next(messages, calls, cancellationToken);
}

/// <summary>Lets the stream out, and decides then.</summary>
public sealed class ReleasesStreamsEarly(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override async IAsyncEnumerable<string> StreamAsync(
        IReadOnlyList<ToyMessage> messages, List<ToyCall> calls, ToyStreamNext next, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new List<string>();
        await foreach (string piece in next(messages, calls, cancellationToken))
        {
            seen.Add(piece);
            yield return piece;
        }

        await foreach (string piece in Sound.StreamAsync(messages, calls, (_, _, _) => seen.ToAsyncEnumerable(), cancellationToken))
        {
            if (piece.Contains("(decision ", StringComparison.Ordinal))
            {
                yield return piece;
            }
        }
    }
}

/// <summary>Decides on one set of arguments and runs another.</summary>
public sealed class ChangesAfterDecision(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken) =>
        Sound.FunctionAsync(call, (decided, token) => next(decided with { Arguments = new Dictionary<string, object?>(decided.Arguments) { ["path"] = "/elsewhere" } }, token), cancellationToken);
}

/// <summary>Hides arguments that are null.</summary>
public sealed class DropsNulls(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken) => Sound.FunctionAsync(
        call with { Arguments = call.Arguments.Where(pair => pair.Value is not System.Text.Json.JsonElement { ValueKind: System.Text.Json.JsonValueKind.Null }).ToDictionary() }, next, cancellationToken);
}

/// <summary>Shows interceptors the outermost arguments only.</summary>
public sealed class FlattensArguments(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken) => Sound.FunctionAsync(
        call with { Arguments = call.Arguments.ToDictionary(pair => pair.Key, pair => pair.Value is System.Text.Json.JsonElement { ValueKind: System.Text.Json.JsonValueKind.Object } ? "object" : pair.Value) },
        (decided, token) => next(decided with { Arguments = decided.Arguments.ToDictionary(pair => pair.Key, pair => pair.Value is "object" ? call.Arguments[pair.Key] : pair.Value) }, token), cancellationToken);
}

/// <summary>Hooks in twice and does not notice.</summary>
public sealed class CountsTwice(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken) =>
        Sound.FunctionAsync(call, (decided, token) => Sound.FunctionAsync(decided, next, token), cancellationToken);
}

/// <summary>Tells whoever asks which rule it was.</summary>
public sealed class LeaksTheReason(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    private readonly InMemoryDecisionLog _log = setup.Services.GetRequiredService<InMemoryDecisionLog>();

    public override async Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken)
    {
        string text = await Sound.FunctionAsync(call, next, cancellationToken);
        return text.Contains("(decision ", StringComparison.Ordinal) ? text + _log.Snapshot()[^1].Decision?.Detail.Explanation : text;
    }
}

/// <summary>Has one place for a call, and loses those that come meanwhile.</summary>
public sealed class LosesParallelCalls(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    private int _busy;

    public override async Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0)
        {
            return "busy";
        }

        try
        {
            return await Sound.FunctionAsync(call, next, cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }
}

/// <summary>Decides, and runs what was there before.</summary>
public sealed class SwallowsTransforms(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken) => Sound.FunctionAsync(call, (_, token) => next(call, token), cancellationToken);
}

/// <summary>Lays rewritten arguments over the old ones.</summary>
public sealed class KeepsRemovedArguments(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken) => Sound.FunctionAsync(call, (decided, token) =>
    {
        var merged = new Dictionary<string, object?>(call.Arguments);
        foreach ((string name, object? value) in decided.Arguments)
        {
            merged[name] = value;
        }

        return next(decided with { Arguments = merged }, token);
    }, cancellationToken);
}

/// <summary>Hands on the result of the tool, whatever was decided on it.</summary>
public sealed class ShowsWithheldResults(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override async Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken)
    {
        string? raw = null;
        string text = await Sound.FunctionAsync(call, async (decided, token) => raw = await next(decided, token), cancellationToken);
        return raw ?? text;
    }
}

/// <summary>Throws a denial through the loop, which then answers no other call of the batch.</summary>
public sealed class BreaksTheBatch(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override async Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken)
    {
        string text = await Sound.FunctionAsync(call, next, cancellationToken);
        return call.Id != "direct" && text.Contains("(decision ", StringComparison.Ordinal) ? throw new InvalidOperationException(text) : text;
    }
}

/// <summary>Never stops the loop.</summary>
public sealed class GoesOnAfterTermination(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken) => Sound.FunctionAsync(call with { Stop = new StopFlag() }, next, cancellationToken);
}

/// <summary>Has one session for everybody.</summary>
public sealed class SharesOneSession(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    private readonly Lazy<Task<GovernanceSession>> _session = new(() => setup.Governance.OpenSessionAsync(principal).AsTask());

    public override async Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken)
    {
        GovernanceSession session;
        try
        {
            session = await _session.Value;
        }
        catch (GovernanceDeniedException denied)
        {
            return denied.Message;
        }

        using (GovernanceScope.Enter(session))
        {
            return await Sound.FunctionAsync(call, next, cancellationToken);
        }
    }
}

/// <summary>Takes the name for the tool's as the model spelled it.</summary>
public sealed class BelievesSpellings(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken) => Sound.FunctionAsync(
        call.Id == "direct" ? call : call with { Function = call.Function with { Name = call.Spelling } }, (decided, token) => next(decided with { Function = call.Function }, token), cancellationToken);
}

/// <summary>Turns what a tool throws into a result.</summary>
public sealed class SwallowsExceptions(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken) => Sound.FunctionAsync(call, async (decided, token) =>
    {
        try
        {
            return await next(decided, token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return "The tool failed.";
        }
    }, cancellationToken);
}

/// <summary>Governs tools, and leaves the model alone.</summary>
public sealed class ForgetsTheModel(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override Task<ToyReply> ModelAsync(IReadOnlyList<ToyMessage> messages, ToyModelNext next, CancellationToken cancellationToken) => next(messages, cancellationToken);
}

/// <summary>Gives tools a token that nobody cancels.</summary>
public sealed class DropsCancellation(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken) => Sound.FunctionAsync(call, (decided, _) => next(decided, CancellationToken.None), cancellationToken);
}

/// <summary>Asks for a decision and runs the tool either way.</summary>
public sealed class OnlyWatches(ConformanceSetup setup, Principal principal) : BrokenMiddleware(setup, principal)
{
    public override async Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken)
    {
        bool ran = false;
        string text = await Sound.FunctionAsync(call, (decided, token) =>
        {
            ran = true;
            return next(decided, token);
        }, cancellationToken);
        return ran ? text : await next(call, cancellationToken);
    }
}
