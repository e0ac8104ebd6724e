using Agt.Adapters.ExtensionsAI.Chat;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Streaming;

/// <summary>The updates that are held back, within bounds, and what they make together. Not thread-safe.</summary>
internal sealed class StreamBuffer(ExtensionsAIGovernanceOptions options)
{
    private readonly List<ChatResponseUpdate> _updates = [];
    private readonly StreamWeight _weight = new(options);
    private readonly StreamAssembly _assembly = new();

    internal bool IsEmpty => _updates.Count == 0;

    /// <exception cref="Refusal">That is more than may be held back.</exception>
    internal void Add(ChatResponseUpdate update)
    {
        TextContent? text = StreamAssembly.PlainText(update);
        _updates.Add(update);
        if (_weight.Exceeds(_updates, update, text))
        {
            throw new Refusal(ReasonCodes.StreamingUnsupported);
        }

        _assembly.Add(update, text);
    }

    /// <exception cref="Refusal">That is more than may be held back.</exception>
    internal void AddRange(List<ChatResponseUpdate> updates, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Add(updates[i]);
        }
    }

    internal Reply Build() => new(_assembly.Build(), _updates);
}
