using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Agt.Conformance.Tests.Toy;

/// <summary>A function that an agent of the toy framework can call.</summary>
public sealed record ToyFunction(string Name, IReadOnlyDictionary<string, Type> Parameters, Func<IReadOnlyDictionary<string, object?>, CancellationToken, Task<string>> Body);

/// <summary>A call of a function, as it was spelled.</summary>
public sealed record ToyCall(string Id, string Spelling, ToyFunction Function, IReadOnlyDictionary<string, object?> Arguments)
{
    /// <summary>Set by middleware to end the loop after this call.</summary>
    public StopFlag Stop { get; init; } = new();
}

public sealed class StopFlag
{
    public bool IsSet { get; set; }
}

public sealed record ToyMessage(string Role, string Text, string? CallId = null);

public sealed record ToyReply(string Text, IReadOnlyList<ToyCall> Calls, long Tokens);

public delegate Task<string> ToyFunctionNext(ToyCall call, CancellationToken cancellationToken);

public delegate Task<ToyReply> ToyModelNext(IReadOnlyList<ToyMessage> messages, CancellationToken cancellationToken);

public delegate IAsyncEnumerable<string> ToyStreamNext(IReadOnlyList<ToyMessage> messages, List<ToyCall> calls, CancellationToken cancellationToken);

/// <summary>What the framework lets others put around its calls.</summary>
public interface IToyMiddleware
{
    Task<string> FunctionAsync(ToyCall call, ToyFunctionNext next, CancellationToken cancellationToken);

    Task<ToyReply> ModelAsync(IReadOnlyList<ToyMessage> messages, ToyModelNext next, CancellationToken cancellationToken);

    IAsyncEnumerable<string> StreamAsync(IReadOnlyList<ToyMessage> messages, List<ToyCall> calls, ToyStreamNext next, CancellationToken cancellationToken);
}

/// <summary>The agent: functions, a model, and the loop between them.</summary>
public sealed class ToyAgent(IReadOnlyList<ToyFunction> functions, ToyModelNext model, ToyStreamNext stream, IToyMiddleware middleware)
{
    /// <summary>Names are compared without regard to case, and a minus is as good as an underscore.</summary>
    public ToyFunction Find(string spelling) => functions.First(function => string.Equals(function.Name, spelling.Replace('-', '_'), StringComparison.OrdinalIgnoreCase));

    public Task<string> CallAsync(string name, IReadOnlyDictionary<string, object?> arguments, CancellationToken cancellationToken) =>
        middleware.FunctionAsync(new ToyCall("direct", name, Find(name), arguments), RunAsync, cancellationToken);

    public async Task<string> AskAsync(string prompt, CancellationToken cancellationToken)
    {
        var messages = new List<ToyMessage> { new("user", prompt) };
        while (true)
        {
            ToyReply reply = await middleware.ModelAsync([.. messages], model, cancellationToken);
            messages.Add(new ToyMessage("assistant", reply.Text + string.Concat(reply.Calls.Select(call => $"[{call.Spelling} {JsonSerializer.Serialize(call.Arguments)}]"))));
            if (reply.Calls.Count == 0 || await AnswerAsync(reply.Calls, messages, cancellationToken))
            {
                return messages[^1].Text;
            }
        }
    }

    public async IAsyncEnumerable<string> StreamAsync(string prompt, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var messages = new List<ToyMessage> { new("user", prompt) };
        while (true)
        {
            var calls = new List<ToyCall>();
            await foreach (string piece in middleware.StreamAsync([.. messages], calls, stream, cancellationToken))
            {
                yield return piece;
            }

            if (calls.Count == 0 || await AnswerAsync(calls, messages, cancellationToken))
            {
                yield break;
            }
        }
    }

    /// <summary>Runs the calls, and tells the model what came of each, exceptions too.</summary>
    private async Task<bool> AnswerAsync(IReadOnlyList<ToyCall> calls, List<ToyMessage> messages, CancellationToken cancellationToken)
    {
        bool stops = false;
        foreach (ToyCall call in calls)
        {
            string text = await middleware.FunctionAsync(call, RunAsync, cancellationToken);
            messages.Add(new ToyMessage("tool", text, call.Id));
            stops |= call.Stop.IsSet;
        }

        return stops;
    }

    private static Task<string> RunAsync(ToyCall call, CancellationToken cancellationToken) => call.Function.Body(call.Arguments, cancellationToken);
}
