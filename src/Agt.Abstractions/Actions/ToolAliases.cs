using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Agt;

/// <summary>
/// Names under which the same kind of tool is known, so that a list of tools need not name them all (spec 08, ADP-025, ADP-026, 4.5): an exact alias first, then patterns in order, whatever the
/// case. Immutable and thread-safe.
/// </summary>
/// <remarks>An alias widens a list that allows as well as one that denies: <c>shell_execute</c> among the allowed tools allows <c>bash</c>.</remarks>
public sealed class ToolAliases
{
    private const int MostPatterns = 256;
    private readonly FrozenDictionary<string, string> _exact;
    private readonly (Regex Pattern, string Canonical)[] _patterns;

    private ToolAliases(FrozenDictionary<string, string> exact, (Regex Pattern, string Canonical)[] patterns)
    {
        _exact = exact;
        _patterns = patterns;
    }

    /// <summary>No aliases: names differ by their letters only.</summary>
    public static ToolAliases None { get; } = new(FrozenDictionary<string, string>.Empty, []);

    /// <summary>The aliases of the specification (08, 4.5), for example <c>bash</c> and <c>terminal</c> for <c>shell_execute</c>.</summary>
    public static ToolAliases Default { get; } = None
        .With("web_search", "bing_search", "google_search", "search_web", "internet_search", "duckduckgo_search")
        .With("file_read", "read_file", "get_file", "load_file")
        .With("file_write", "write_file", "save_file", "create_file")
        .With("shell_execute", "shell_exec", "run_command", "exec_command", "bash", "terminal")
        .With("code_execute", "python_exec", "run_python", "execute_code", "eval_code")
        .With("database_query", "sql_query", "run_sql", "execute_sql", "db_query")
        .With("http_request", "api_call", "fetch_url", "curl");

    /// <summary>These aliases and some more.</summary>
    /// <param name="canonical">What the tool is called in lists.</param>
    /// <param name="aliases">Its other names.</param>
    /// <exception cref="ArgumentException">A name is no tool name, an alias stands for another tool already, or it is itself what another tool is called in lists.</exception>
    public ToolAliases With(string canonical, params ReadOnlySpan<string> aliases)
    {
        string id = NameOf(canonical);
        var exact = new Dictionary<string, string>(_exact, StringComparer.OrdinalIgnoreCase);
        Add(exact, id, id);
        foreach (string alias in aliases)
        {
            Add(exact, NameOf(alias), id);
        }

        return new ToolAliases(exact.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), _patterns);
    }

    /// <summary>These aliases and a pattern, which a name must fit as a whole. Patterns are tried in the order they were given, where no exact alias fits.</summary>
    /// <param name="canonical">What the tool is called in lists.</param>
    /// <param name="pattern">A regular expression of .NET that runs in linear time; case does not matter.</param>
    /// <exception cref="ArgumentException">The name is no tool name, the pattern is malformed or cannot run in linear time, or there are 256 already.</exception>
    public ToolAliases WithPattern(string canonical, string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        string id = NameOf(canonical);
        if (_patterns.Length == MostPatterns)
        {
            throw new ArgumentException($"Tool aliases: there are {MostPatterns} patterns already.", nameof(pattern));
        }

        Regex compiled;
        try
        {
            // Read alone first, so that no bracket of it can reach out of the group.
            _ = new Regex(pattern, RegexOptions.NonBacktracking);
            compiled = new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException exception)
        {
            throw new ArgumentException($"Tool aliases: the pattern '{pattern}' cannot run in linear time: {exception.Message}", nameof(pattern), exception);
        }

        var exact = new Dictionary<string, string>(_exact, StringComparer.OrdinalIgnoreCase);
        Add(exact, id, id);
        return new ToolAliases(exact.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), [.. _patterns, (compiled, id)]);
    }

    /// <summary>What a tool is called in lists; its own name in lower case if no alias fits.</summary>
    /// <param name="name">The name of the tool, or an entry of a list.</param>
    public string Canonicalize(string name) => TryResolve(name, out string? canonical) ? canonical : name.ToLowerInvariant();

    /// <summary>Looks for the alias that a name fits. Allocates nothing.</summary>
    /// <param name="name">The name of the tool, or an entry of a list.</param>
    /// <param name="canonical">What the tool is called in lists.</param>
    /// <returns>False if no alias fits.</returns>
    public bool TryResolve(string name, [NotNullWhen(true)] out string? canonical)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_exact.TryGetValue(name, out canonical))
        {
            return true;
        }

        foreach ((Regex pattern, string id) in _patterns)
        {
            if (pattern.IsMatch(name))
            {
                canonical = id;
                return true;
            }
        }

        return false;
    }

    private static string NameOf(string name) => new ToolIdentity(name).Name.ToLowerInvariant();

    private static void Add(Dictionary<string, string> exact, string alias, string canonical)
    {
        if (exact.TryGetValue(alias, out string? other) && other != canonical)
        {
            throw new ArgumentException(alias == other
                ? $"Tool aliases: '{alias}' is what a tool is called in lists; it cannot be an alias of '{canonical}' as well."
                : $"Tool aliases: '{alias}' stands for '{other}' already; it cannot stand for '{canonical}' as well.");
        }

        exact[alias] = canonical;
    }
}
