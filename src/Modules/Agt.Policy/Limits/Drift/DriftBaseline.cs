using Agt.Values;

namespace Agt.Policy.Limits.Drift;

/// <summary>The first result of an operation, that later ones are measured against. Immutable, but for what is worked out once.</summary>
internal sealed class DriftBaseline
{
    private readonly string? _text;
    private ShingleSet? _shingles;

    internal DriftBaseline(string text, Digest digest)
    {
        Digest = digest;
        if (text.Length <= BlockMatcher.LongestText)
        {
            _text = text;
        }
        else
        {
            _shingles = ShingleSet.Of(text);
        }
    }

    /// <summary>SHA-256 of the text.</summary>
    internal Digest Digest { get; }

    /// <summary>How far a result is from this one, 0 for the same to 1.</summary>
    internal double ScoreOf(string text, Digest digest, BlockMatcher matcher)
    {
        if (digest == Digest)
        {
            return 0;
        }

        if (_text is not null && text.Length <= BlockMatcher.LongestText && matcher.Ratio(_text, text) is { } ratio)
        {
            return 1 - ratio;
        }

        ShingleSet own = _shingles ??= ShingleSet.Of(_text!);
        return 1 - own.Jaccard(ShingleSet.Of(text));
    }
}
