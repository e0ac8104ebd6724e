namespace Agt.Policy.Matching;

/// <summary>Finds texts of which every match of a pattern contains at least one, with characters folded as <see cref="LetterCases.Fold"/> does.</summary>
internal static class RequiredLiterals
{
    internal const int Shortest = 3;
    private const int MostTexts = 64;
    private const int Longest = 32;

    /// <summary>The texts; null if there are none of at least three characters, of which those beyond ASCII count twice: they are rare in most texts.</summary>
    internal static IReadOnlyList<string>? Of(PatternTree tree) => Find(tree) is { } found && found.All(text => Weight(text) >= Shortest) ? found : null;

    private static List<string>? Find(PatternTree tree)
    {
        switch (tree)
        {
            case OneOf one:
                return one.Set.Folded() is { } c ? [c.ToString()] : null;
            case Repeat { Least: > 0 } repeat:
                return Find(repeat.Part);
            case Choice choice:
                var all = new List<string>();
                foreach (PatternTree part in choice.Parts)
                {
                    if (Find(part) is not { } found || all.Count + found.Count > MostTexts)
                    {
                        return null;
                    }

                    all.AddRange(found);
                }

                return all;
            case Sequence sequence:
                return InSequence(sequence);
            default:
                return null;
        }
    }

    private static List<string>? InSequence(Sequence sequence)
    {
        List<string>? best = null;
        var run = new System.Text.StringBuilder();
        foreach (PatternTree part in sequence.Parts)
        {
            if (part is OneOf one && one.Set.Folded() is { } c && run.Length < Longest)
            {
                run.Append(c);
                continue;
            }

            Take(run.Length > 0 ? [run.ToString()] : null);
            run.Clear();
            if (part is OneOf { } again && again.Set.Folded() is { } first)
            {
                run.Append(first);
            }
            else if (part is not Anchor)
            {
                Take(Find(part));
            }
            else
            {
                // An anchor takes no room; but what is on either side may not touch across it, so the run ends.
            }
        }

        Take(run.Length > 0 ? [run.ToString()] : null);
        return best;

        void Take(List<string>? found)
        {
            if (found is not null && (best is null || Worth(found) > Worth(best)))
            {
                best = found;
            }
        }
    }

    private static int Weight(string text) => text.Sum(c => c < 128 ? 1 : 2);

    /// <summary>The longer the shortest text the better, and fewer texts better than many.</summary>
    private static int Worth(List<string> texts) => (Math.Min(texts.Min(Weight), 8) * 100) - texts.Count;
}
