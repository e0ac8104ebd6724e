namespace Agt.Policy.Facets.Shell;

/// <summary>Which programs a command line starts, and which files it writes by redirection.</summary>
internal sealed class ShellFacts(int maxCharacters)
{
    internal const string Unknown = "UNKNOWN";
    private readonly List<string> _programs = [];
    private readonly List<string> _redirects = [];

    /// <summary>Programs in order of appearance, by the last part of their name, in lower case; <c>UNKNOWN</c> is among them where one cannot be told.</summary>
    internal IReadOnlyList<string> Programs => _programs;

    /// <summary>Targets of redirections; <c>UNKNOWN</c> is among them where one cannot be told.</summary>
    internal IReadOnlyList<string> Redirects => _redirects;

    /// <summary>How many commands, substitutions and redirections there are.</summary>
    internal int Parts { get; set; }

    internal bool IsUnknown => _programs.Contains(Unknown);

    /// <summary>Reads a command line as a POSIX shell would.</summary>
    internal static ShellFacts Of(string command, int maxCharacters)
    {
        var facts = new ShellFacts(maxCharacters);
        facts.Read(command, 0);
        return facts;
    }

    /// <summary>Reads the arguments of a program that no shell comes between.</summary>
    internal static ShellFacts Of(IReadOnlyList<string> arguments, int maxCharacters)
    {
        var facts = new ShellFacts(maxCharacters);
        var words = new List<ShellWord>();
        foreach (string argument in arguments)
        {
            words.Add(new ShellWord(argument, true, true));
        }

        facts.Parts++;
        ShellPrograms.Note(facts, words, 0);
        return facts;
    }

    internal void Read(string text, int depth)
    {
        if (text.Length > maxCharacters || depth > 8)
        {
            AddUnknown();
        }
        else
        {
            new ShellReader(this, text, depth).Read();
        }
    }

    internal void AddUnknown() => AddOnce(_programs, Unknown);

    internal void AddProgram(string word)
    {
        string name = word[(word.LastIndexOfAny(['/', '\\']) + 1)..].ToLowerInvariant();
        AddOnce(_programs, IsPlain(name) ? name : Unknown);
    }

    internal void AddRedirect(ShellWord target)
    {
        AddOnce(_redirects, target.IsFixed && IsPlain(target.Text) ? target.Text : Unknown);
        Parts++;
    }

    // A name with a comma could pass for two in the joined list.
    private static bool IsPlain(string name) => name.Length is > 0 and <= 1_024 && name.AsSpan().IndexOfAny(",\r\n\0") < 0;

    private static void AddOnce(List<string> list, string item)
    {
        if (list.Count < 256 && !list.Contains(item))
        {
            list.Add(item);
        }
    }
}
