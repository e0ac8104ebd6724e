namespace Agt.Policy.Limits.Drift;

/// <summary>
/// The runs of five characters of a text, as hashes, for texts too long to be compared block by block (spec 08, 5.3b): all of them, or of a text with very many different ones those 16,384
/// with the smallest hash, which tells how alike two texts are to within about one percent. Linear in time, bounded in memory, the same on every machine. Immutable.
/// </summary>
internal sealed class ShingleSet
{
    private const int Run = 5;
    private const int Most = 16_384;
    private readonly ulong[] _smallest;

    private ShingleSet(ulong[] smallest) => _smallest = smallest;

    /// <summary>The set of a text. A text shorter than a run is one run; an empty one has none.</summary>
    internal static ShingleSet Of(string text)
    {
        if (text.Length == 0)
        {
            return new ShingleSet([]);
        }

        int last = Math.Max(0, text.Length - Run);
        var kept = new List<ulong>(Math.Min(last + 1, 2 * Most));
        ulong limit = ulong.MaxValue;
        for (int i = 0; i <= last; i++)
        {
            ulong hash = HashOf(text.AsSpan(i, Math.Min(Run, text.Length)));
            if (hash > limit)
            {
                continue;
            }

            kept.Add(hash);
            if (kept.Count == 2 * Most)
            {
                Shrink(kept);
                limit = kept.Count == Most ? kept[^1] : limit;
            }
        }

        Shrink(kept);
        return new ShingleSet([.. kept]);
    }

    /// <summary>What two texts share of all that they have together (Jaccard), 1 for the same.</summary>
    internal double Jaccard(ShingleSet other)
    {
        int i = 0, j = 0, shared = 0, all = 0;
        while (all < Most && (i < _smallest.Length || j < other._smallest.Length))
        {
            if (j == other._smallest.Length || (i < _smallest.Length && _smallest[i] < other._smallest[j]))
            {
                i++;
            }
            else if (i == _smallest.Length || other._smallest[j] < _smallest[i])
            {
                j++;
            }
            else
            {
                (i, j, shared) = (i + 1, j + 1, shared + 1);
            }

            all++;
        }

        return all == 0 ? 1 : (double)shared / all;
    }

    private static ulong HashOf(ReadOnlySpan<char> run)
    {
        ulong hash = 0;
        foreach (char c in run)
        {
            hash = Mix(hash + c + 0x9E3779B97F4A7C15);
        }

        return hash;
    }

    /// <summary>Spreads every bit over all others (the finalizer of SplitMix64).</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>Sorts, leaves out what is there twice, and keeps the smallest.</summary>
    private static void Shrink(List<ulong> hashes)
    {
        hashes.Sort();
        int kept = 0;
        for (int i = 0; i < hashes.Count && kept < Most; i++)
        {
            if (kept == 0 || hashes[kept - 1] != hashes[i])
            {
                hashes[kept++] = hashes[i];
            }
        }

        hashes.RemoveRange(kept, hashes.Count - kept);
    }
}
