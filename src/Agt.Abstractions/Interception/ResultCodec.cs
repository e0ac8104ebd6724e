using Agt.Values;

namespace Agt;

/// <summary>How one kind of result is frozen for the after phase, and rebuilt when a transform changed it. Stateless and thread-safe.</summary>
public abstract class ResultCodec
{
    /// <summary>Freezes a result. Called only if somebody looks at it.</summary>
    /// <param name="result">What the effect returned.</param>
    /// <param name="arena">Where to write.</param>
    /// <exception cref="PayloadException">The result cannot be frozen; it is then withheld.</exception>
    public abstract GovernedValue Capture(object? result, ValueArena arena);

    /// <summary>Builds the result anew from a changed value, keeping type and metadata.</summary>
    /// <param name="original">What the effect returned.</param>
    /// <param name="value">What it is to become.</param>
    /// <exception cref="PayloadException">It cannot be built; the result is then withheld.</exception>
    public abstract object? Replace(object? original, GovernedValue value);
}
