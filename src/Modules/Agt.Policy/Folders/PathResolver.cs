namespace Agt.Policy.Folders;

/// <summary>
/// Finds where a path leads: <c>..</c> taken back and links followed, as the system does, names that are not there yet included (spec 01, POL-113). Thread-safe.
/// </summary>
/// <remarks>
/// Some programs take <c>..</c> back before they follow links. In <see cref="PolicyProfile.Strict"/> a path that leads elsewhere then is refused.
/// </remarks>
internal sealed class PathResolver
{
    private const int MaxLinks = 40;
    private readonly string[] _root;
    private readonly PathRules _rules;
    private readonly IFileFacts _facts;
    private readonly bool _strict;

    /// <summary>Takes a root.</summary>
    /// <param name="root">Its absolute path, without links.</param>
    /// <param name="rules">How the system names files.</param>
    /// <param name="facts">What is asked.</param>
    /// <param name="strict">Whether a path that can be read in two ways is refused.</param>
    internal PathResolver(string root, PathRules rules, IFileFacts facts, bool strict)
    {
        _root = rules.Names(rules.Compose(root));
        _rules = rules;
        _facts = facts;
        _strict = strict;
    }

    /// <summary>Finds where a path leads; one that is not rooted begins at the root of the tree.</summary>
    internal ResolvedPath Resolve(string text)
    {
        if (!PathText.IsPlain(text, _rules, _strict))
        {
            return ResolvedPath.Refused;
        }

        text = _rules.Compose(text);
        string[] names = _rules.Names(text);
        string[] start = _rules.IsRooted(text) ? [] : _root;
        if (Follow(start, names) is not { } real)
        {
            return ResolvedPath.Refused;
        }

        bool stays = real.StaysInTree;
        if (_strict && Array.IndexOf(names, "..") >= 0)
        {
            if (Follow(start, TakeBack(start, names)) is not { } other || !real.Names.SequenceEqual(other.Names, _rules.Comparer))
            {
                return ResolvedPath.Refused;
            }

            stays &= other.StaysInTree;
        }

        if (real.Names.Count < _root.Length || !real.Names.Take(_root.Length).SequenceEqual(_root, _rules.Comparer))
        {
            return ResolvedPath.Outside;
        }

        bool isFolder = real.IsFolder || text.EndsWith('/') || (_rules.IsWindows && text.EndsWith('\\'));
        return new ResolvedPath(PathPlace.Inside, string.Join('/', real.Names.Skip(_root.Length)), isFolder, stays);
    }

    private (List<string> Names, bool IsFolder, bool StaysInTree)? Follow(string[] start, IEnumerable<string> names)
    {
        var real = new List<string>(start);
        var rest = new Stack<string>(names.Reverse());
        int links = 0;
        int missing = int.MaxValue;
        bool stays = true;
        EntryKind last = EntryKind.Folder;
        while (rest.TryPop(out string? name))
        {
            if (name == ".")
            {
                last = EntryKind.Folder;
                continue;
            }

            if (name == "..")
            {
                if (real.Count > (_rules.IsWindows ? 1 : 0))
                {
                    real.RemoveAt(real.Count - 1);
                }

                missing = real.Count < missing ? int.MaxValue : missing;
                last = EntryKind.Folder;
                continue;
            }

            real.Add(name);
            stays &= real.Count > _root.Length || _rules.Comparer.Equals(name, _root[real.Count - 1]);
            string? target = null;
            last = _rules.IsWindows && real.Count == 1 ? EntryKind.Folder : real.Count > missing ? EntryKind.Missing : _facts.KindOf(_rules.Join(real), out target);
            switch (last)
            {
                case EntryKind.Unreadable:
                    return null;
                case EntryKind.Missing:
                    missing = Math.Min(missing, real.Count);
                    break;
                case EntryKind.Link:
                    if (++links > MaxLinks || target is null)
                    {
                        return null;
                    }

                    last = EntryKind.Folder;
                    real.RemoveAt(real.Count - 1);
                    if (_rules.IsRooted(target))
                    {
                        real.Clear();
                    }

                    foreach (string part in _rules.Names(_rules.Compose(target)).Reverse())
                    {
                        rest.Push(part);
                    }

                    break;
            }
        }

        return (real, last == EntryKind.Folder, stays);
    }

    /// <summary>The names without <c>..</c>, taken back as text. What leads above the start is left to <see cref="Follow"/>.</summary>
    private static List<string> TakeBack(string[] start, string[] names)
    {
        var taken = new List<string>(names.Length);
        foreach (string name in names)
        {
            if (name == ".." && taken.Count > 0 && taken[^1] != "..")
            {
                taken.RemoveAt(taken.Count - 1);
            }
            else if (name != "." && !(name == ".." && start.Length == 0 && taken.Count == 0))
            {
                taken.Add(name);
            }
        }

        return taken;
    }
}
