using System.Globalization;
using System.Text;
using System.Text.Json;
using Agt.Adapters;

namespace Agt.Conformance;

/// <summary>What an adapter was found to do.</summary>
/// <param name="Adapter">The adapter.</param>
/// <param name="Results">One result a check, in order.</param>
public sealed record ConformanceReport(AdapterDescriptor Adapter, IReadOnlyList<CheckResult> Results)
{
    /// <summary>Whether every check whose ability is declared has passed.</summary>
    public bool IsFull => Results.All(result => result.Status != CheckStatus.Failed);

    /// <summary>The results with one status.</summary>
    public IEnumerable<CheckResult> With(CheckStatus status) => Results.Where(result => result.Status == status);

    /// <summary>For a terminal.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Adapter.Name} ({Adapter.Framework}, {Adapter.PackageId} {string.Join(", ", Adapter.TestedVersions)})");
        foreach (CheckResult result in Results)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {Word(result.Status),-11} {result.Check.Id}  {result.Check.Title}{(result.Detail is null ? string.Empty : "\n               " + result.Detail)}");
        }

        return text.AppendLine(CultureInfo.InvariantCulture, $"{Summary}").ToString();
    }

    /// <summary>For a page.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# {Adapter.Name}").AppendLine().AppendLine(Summary).AppendLine()
            .AppendLine("| Check | What | Result | |").AppendLine("|---|---|---|---|");
        foreach (CheckResult result in Results)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {result.Check.Id} | {result.Check.Title} | {Word(result.Status)} | {result.Detail?.Replace("|", "\\|", StringComparison.Ordinal).Replace('\n', ' ')} |");
        }

        text.AppendLine().AppendLine("| Point | Covered |").AppendLine("|---|---|");
        foreach (InterventionPoint point in Enum.GetValues<InterventionPoint>())
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {point} | {(Adapter.Points.Contains(point) ? "yes" : "no")} |");
        }

        text.AppendLine().AppendLine("| Known way around | What is done about it |").AppendLine("|---|---|");
        foreach (KnownBypass bypass in Adapter.KnownBypasses)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {bypass.Description} | {bypass.Mitigation} |");
        }

        return text.ToString();
    }

    /// <summary>For a program: <c>adapter</c>, <c>full</c>, and <c>checks</c> with <c>id</c>, <c>title</c>, <c>status</c> and <c>detail</c>.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("adapter", Adapter.Name);
            writer.WriteBoolean("full", IsFull);
            writer.WriteStartArray("checks");
            foreach (CheckResult result in Results)
            {
                writer.WriteStartObject();
                writer.WriteString("id", result.Check.Id);
                writer.WriteString("title", result.Check.Title);
                writer.WriteString("status", Word(result.Status));
                writer.WriteString("detail", result.Detail);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private string Summary =>
        $"{(IsFull ? "Full" : "Not full")}: {With(CheckStatus.Passed).Count()} passed, {With(CheckStatus.Failed).Count()} failed, {With(CheckStatus.Unsupported).Count()} unsupported.";

    private static string Word(CheckStatus status) => status switch
    {
        CheckStatus.Passed => "passed",
        CheckStatus.Failed => "FAILED",
        _ => "unsupported",
    };
}
