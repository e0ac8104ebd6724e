using Agt.Adapters.SemanticKernel.Functions;
using Agt.Values;

namespace Agt.Adapters.SemanticKernel.Streaming;

/// <summary>A stream that was read to its end before anybody sees it.</summary>
internal interface IBufferedStream
{
    /// <summary>All of its text.</summary>
    string Text { get; }

    /// <summary>Its text, or <c>{content, calls}</c> when it asks for tools.</summary>
    GovernedValue Capture(ValueArena arena, FrozenJson json);

    /// <summary>The same stream with another text; updates keep their order, ids and metadata.</summary>
    /// <exception cref="PayloadException">It cannot be built.</exception>
    IBufferedStream Replace(GovernedValue value);
}
