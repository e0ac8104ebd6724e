using System.Collections.Concurrent;
using System.Text;
using Agt.Policy.Limits.Drift;
using Agt.Values;

namespace Agt.Policy.Limits;

/// <summary>What is counted and remembered of one session. Thread-safe.</summary>
internal sealed class SessionWatch(ConcurrencyGate gate)
{
    private const int MostBaselines = 64;
    private static readonly (string Operation, string Tool) Others = ("", "");
    private readonly ConcurrentDictionary<(string Operation, string Tool), DriftBaseline> _baselines = new();
    private int _done;

    internal ConcurrencyGate Gate => gate;

    /// <summary>One more has run.</summary>
    internal int Count() => Interlocked.Increment(ref _done);

    /// <summary>How far a result is from the first one of its operation and tool (spec 08, ADP-091); null for the first itself. Operations beyond the 64th share one first result.</summary>
    internal DriftResult? DriftOf(ActionTemplate template, GovernedValue output, double threshold, BlockMatcher matcher)
    {
        string text = output.TryGetText(out ReadOnlySpan<char> written) ? written.ToString() : JsonText.Of(output);
        Digest digest = Digest.Of(Encoding.UTF8.GetBytes(text));
        (string Operation, string Tool) key = (template.Operation, template.Tool?.Name ?? string.Empty);
        if (!_baselines.TryGetValue(key, out DriftBaseline? first))
        {
            key = _baselines.Count < MostBaselines ? key : Others;
            var own = new DriftBaseline(text, digest);
            first = _baselines.GetOrAdd(key, own);
            if (ReferenceEquals(first, own))
            {
                return null;
            }
        }

        return new DriftResult(first.ScoreOf(text, digest, matcher), threshold, first.Digest, digest);
    }
}
