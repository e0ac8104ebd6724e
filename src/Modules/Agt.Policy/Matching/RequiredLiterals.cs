namespace Agt.Policy.Matching;

/// <summary>Finds texts of which every match of a pattern contains at least one, with characters folded as <see cref="LetterCases.Fold"/> does.</summary>
internal static class RequiredLiterals
{
    internal const int Shortest = 3;
    private const int MostTexts = 64;
    private const int MostGroups = 3;
    private const int Longest = 32;

    /// <summary>
    /// Groups of texts: every match contains at least one text of each group. Null if there is no group whose texts have at least three characters, of which those beyond ASCII count twice:
    /// they are rare in most texts.
    /// </summary>
    internal static IReadOnlyList<IReadOnlyList<string>>? Of(PatternTree tree)
    {
        List<List<string>> groups = tree is Sequence sequence ? InOrder(sequence) : Find(tree) is { } found ? [found] : [];
        List<string>[] useful = [.. groups.Where(group => group.All(text => Weight(text) >= Shortest)).OrderByDescending(Worth).Take(MostGroups)];
        return useful.Length > 0 ? useful : null;
    }

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
                return InOrder(sequence) is { Count: > 0 } groups ? groups.MaxBy(Worth) : null;
            default:
                return null;
        }
    }

    /// <summary>What each part of a sequence asks for, and the runs of single characters between them.</summary>
    private static List<List<string>> InOrder(Sequence sequence)
    {
        var groups = new List<List<string>>();
        var run = new System.Text.StringBuilder();
        foreach (PatternTree part in sequence.Parts)
        {
            char? c = part is OneOf one ? one.Set.Folded() : null;
            if (c is null || run.Length == Longest)
            {
                EndRun();
            }

            if (c is not null)
            {
                run.Append(c.Value);
            }
            else if (part is not Anchor && Find(part) is { } found)
            {
                groups.Add(found);
            }
        }

        EndRun();
        return groups;

        void EndRun()
        {
            if (run.Length > 0)
            {
                groups.Add([run.ToString()]);
                run.Clear();
            }
        }
    }

    private static int Weight(string text) => text.Sum(c => c < 128 ? 1 : 2);

    /// <summary>The longer the shortest text the better, and fewer texts better than many.</summary>
    private static int Worth(List<string> texts) => (Math.Min(texts.Min(Weight), 8) * 100) - texts.Count;
}
