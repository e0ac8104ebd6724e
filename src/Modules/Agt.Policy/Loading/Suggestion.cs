namespace Agt.Policy.Loading;

/// <summary>Guesses what was meant.</summary>
internal static class Suggestion
{
    /// <summary>The known word nearest to what was written, if it is near (at most two edits).</summary>
    internal static string? Nearest(string written, ReadOnlySpan<string> known)
    {
        string? best = null;
        int least = 3;
        foreach (string word in known)
        {
            if (Math.Abs(word.Length - written.Length) >= least)
            {
                continue;
            }

            int distance = Distance(written, word);
            if (distance < least)
            {
                least = distance;
                best = word;
            }
        }

        return best;
    }

    /// <summary>Edits between two words: a letter added, dropped or exchanged, or two neighbours swapped.</summary>
    private static int Distance(string left, string right)
    {
        int width = right.Length + 1;
        Span<int> rows = stackalloc int[width * 3];
        Span<int> before = rows[..width];
        Span<int> last = rows.Slice(width, width);
        Span<int> row = rows[(width * 2)..];
        for (int j = 0; j < width; j++)
        {
            last[j] = j;
        }

        for (int i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j < width; j++)
            {
                int least = Math.Min(last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1), Math.Min(last[j], row[j - 1]) + 1);
                row[j] = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] ? Math.Min(least, before[j - 2] + 1) : least;
            }

            Span<int> free = before;
            before = last;
            last = row;
            row = free;
        }

        return last[right.Length];
    }
}
