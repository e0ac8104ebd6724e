using Agt.Adapters.SemanticKernel.Chat;
using Agt.Adapters.SemanticKernel.Functions;
using Agt.Values;
using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Streaming;

/// <summary>The updates of a stream. Immutable once read; may be enumerated more than once.</summary>
/// <typeparam name="T">The very type the caller asked for: <see cref="string"/>, <see cref="StreamingKernelContent"/> or <see cref="StreamingChatMessageContent"/>.</typeparam>
internal sealed class BufferedStream<T> : IBufferedStream, IAsyncEnumerable<T>
{
    internal BufferedStream(IReadOnlyList<T> updates, string text, IReadOnlyList<FunctionCallContent> calls)
    {
        Updates = updates;
        Text = text;
        Calls = calls;
    }

    internal IReadOnlyList<T> Updates { get; }

    public string Text { get; }

    /// <summary>The calls it asks for, those of all rounds of a loop.</summary>
    internal IReadOnlyList<FunctionCallContent> Calls { get; }

    /// <summary>Reads a stream to its end. Beyond the bounds the source is disposed and nothing of it is handed on.</summary>
    /// <exception cref="RefusedException">It is too long, has several choices, or holds something that is neither text nor a tool call.</exception>
    internal static async ValueTask<BufferedStream<T>> ReadAsync(IAsyncEnumerable<T> source, SemanticKernelGovernanceOptions options, CancellationToken cancellationToken)
    {
        var assembler = new StreamAssembler<T>(options);
        await foreach (T update in source.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            assembler.Add(update);
        }

        return assembler.Build();
    }

    public GovernedValue Capture(ValueArena arena, FrozenJson json)
    {
        if (Calls.Count == 0)
        {
            return GovernedValue.From(Text);
        }

        arena.BeginMap();
        MessageMapper.Member(arena, "content", Text);
        arena.Name("calls");
        arena.BeginList();
        foreach (FunctionCallContent call in Calls)
        {
            ContentMapper.Write(arena, call, json);
        }

        arena.End();
        return arena.End();
    }

    public IBufferedStream Replace(GovernedValue value)
    {
        if (Calls.Count > 0)
        {
            throw MessageMapper.Unsupported();
        }

        string text = FunctionResultCodec.TextOf(value);
        var updates = new List<T>(Updates.Count);
        string? rest = text;
        foreach (T update in Updates)
        {
            if (StreamUpdate.TextOf(update) is { Length: > 0 })
            {
                updates.Add((T)StreamUpdate.WithText(update!, rest ?? string.Empty));
                rest = null;
            }
            else
            {
                updates.Add(update);
            }
        }

        return rest is { Length: > 0 } ? throw MessageMapper.Unsupported() : new BufferedStream<T>(updates, text, []);
    }

    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        await ValueTask.CompletedTask.ConfigureAwait(false);
        foreach (T update in Updates)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return update;
        }
    }
}
