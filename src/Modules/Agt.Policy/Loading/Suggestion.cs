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

    private static int Distance(string left, string right)
    {
        Span<int> row = stackalloc int[right.Length + 1];
        for (int j = 0; j <= right.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int above = row[j];
                int substituted = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                row[j] = Math.Min(substituted, Math.Min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }

        return row[right.Length];
    }
}
