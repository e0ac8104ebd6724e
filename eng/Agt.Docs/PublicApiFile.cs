using System.Text.Json;

namespace Agt.Docs;

/// <summary>
/// Rewrites <c>PublicAPI.Unshipped.txt</c> from the log that the compiler wrote while the file was empty: each RS0016 in it carries the exact line that the analyzer wants.
/// </summary>
internal static class PublicApiFile
{
    internal const string LogPath = "obj/public-api.sarif";
    internal const string FileName = "PublicAPI.Unshipped.txt";
    internal const string Header = "#nullable enable\n";

    /// <summary>Writes the file of one project and returns 0; 1 when a shipped member has gone, which nobody may write off by script.</summary>
    internal static int Update(string project, TextWriter output)
    {
        string log = File.ReadAllText(Path.Combine(project, LogPath));
        IReadOnlyList<string> gone = Findings(log, "RS0017");
        if (gone.Count > 0)
        {
            output.WriteLine($"{Path.GetFileName(project)}: shipped members are gone; put '*REMOVED*' lines into {FileName} by hand:");
            foreach (string member in gone)
                output.WriteLine($"  {member}");
            return 1;
        }

        File.WriteAllText(Path.Combine(project, FileName), Render(Findings(log, "RS0016")));
        return 0;
    }

    internal static string Render(IReadOnlyList<string> members) => Header + string.Concat(members.Select(member => member + "\n"));

    /// <summary>The members that one diagnostic names in a SARIF 2.1 log, ordinal order, suppressed ones left out.</summary>
    internal static IReadOnlyList<string> Findings(string sarif, string rule)
    {
        var members = new SortedSet<string>(StringComparer.Ordinal);
        using JsonDocument log = JsonDocument.Parse(sarif);
        foreach (JsonElement run in log.RootElement.GetProperty("runs").EnumerateArray())
        {
            foreach (JsonElement result in run.GetProperty("results").EnumerateArray())
            {
                if (result.GetProperty("ruleId").GetString() == rule && !result.TryGetProperty("suppressions", out _))
                    members.Add(Member(result));
            }
        }

        return [.. members];
    }

    private static string Member(JsonElement result)
    {
        if (result.TryGetProperty("properties", out JsonElement properties)
            && properties.TryGetProperty("customProperties", out JsonElement custom)
            && custom.TryGetProperty("APIName", out JsonElement name)
            && name.GetString() is { Length: > 0 } text)
        {
            return text;
        }

        // RS0017 carries the line only inside its message: Symbol '...' is part of ...
        string message = result.GetProperty("message").GetProperty("text").GetString() ?? "";
        int first = message.IndexOf('\'', StringComparison.Ordinal);
        int last = message.LastIndexOf('\'');
        return first >= 0 && last > first ? message[(first + 1)..last] : throw new DocsException($"No member in: {message}");
    }
}
