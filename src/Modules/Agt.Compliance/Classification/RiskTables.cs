using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Agt.Compliance.Packs;

namespace Agt.Compliance.Classification;

/// <summary>The names that the classification knows, as data. Immutable and thread-safe.</summary>
public sealed class RiskTables
{
    private const string Schema = "agt-risk-classes/v1";
    private const string BuiltInName = "classification/eu_ai_act.yaml";
    private const int MaxNames = 1_000;

    private RiskTables()
    {
    }

    /// <summary>The version of the data.</summary>
    public string Version { get; private init; } = string.Empty;

    /// <summary>When it was last gone over.</summary>
    public DateOnly Reviewed { get; private init; }

    /// <summary>Prohibited practices (article 5).</summary>
    public IReadOnlySet<string> Unacceptable { get; private init; } = FrozenSet<string>.Empty;

    /// <summary>High-risk areas (Annex III).</summary>
    public IReadOnlySet<string> HighRiskDomains { get; private init; } = FrozenSet<string>.Empty;

    /// <summary>Capabilities that are high-risk in any area.</summary>
    public IReadOnlySet<string> HighRiskCapabilities { get; private init; } = FrozenSet<string>.Empty;

    /// <summary>Laws of Annex I.</summary>
    public IReadOnlySet<string> AnnexI { get; private init; } = FrozenSet<string>.Empty;

    /// <summary>What people must be told of (article 50).</summary>
    public IReadOnlySet<string> Limited { get; private init; } = FrozenSet<string>.Empty;

    /// <summary>Exemptions (article 6(3)).</summary>
    public IReadOnlySet<string> Exemptions { get; private init; } = FrozenSet<string>.Empty;

    /// <summary>The tables that come with Agt.</summary>
    public static RiskTables BuiltIn() => new RiskTables().With(PackLibrary.Data.Read(BuiltInName), "eu_ai_act.yaml");

    /// <summary>The same tables with those of a file in place of the ones it names.</summary>
    /// <param name="utf8">YAML or JSON; 1 MiB at most.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="PackException">The file is no such file.</exception>
    public RiskTables With(ReadOnlySpan<byte> utf8, string file)
    {
        var problems = new List<PackProblem>();
        var reader = new NodeReader(YamlTree.Read(utf8, file), file, problems, "The file");
        string schema = reader.Required("schema");
        if (schema.Length > 0 && schema != Schema)
        {
            reader.Report(reader.Take("schema")!, $"The schema is {YamlTree.Quoted(schema)}.", $"This build reads '{Schema}'.");
        }

        reader.Text("source");
        var tables = new RiskTables
        {
            Version = reader.Required("version", 64),
            Reviewed = reader.Date("reviewed") ?? Reviewed,
            Unacceptable = Names(reader, "unacceptable", Unacceptable),
            HighRiskDomains = Names(reader, "high_risk_domains", HighRiskDomains),
            HighRiskCapabilities = Names(reader, "high_risk_capabilities", HighRiskCapabilities),
            AnnexI = Names(reader, "annex_i", AnnexI),
            Limited = Names(reader, "limited", Limited),
            Exemptions = Names(reader, "exemptions", Exemptions),
        };
        reader.Finish();
        return problems.Count == 0 ? tables : throw new PackException(problems);
    }

    /// <summary>A name as it stands in the tables: lower case, spaces and hyphens as underscores.</summary>
    internal static string Normal(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (char c in name.Trim().Normalize(NormalizationForm.FormKC))
        {
            if (char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.Control)
            {
                continue;
            }

            text.Append(char.IsWhiteSpace(c) || char.GetUnicodeCategory(c) == UnicodeCategory.DashPunctuation ? '_' : char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    private static IReadOnlySet<string> Names(NodeReader reader, string name, IReadOnlySet<string> otherwise)
    {
        if (reader.Take(name) is not { } node)
        {
            return otherwise;
        }

        // An empty list is a choice: nothing of this kind is known.
        if (node.Items is { Count: 0 })
        {
            return FrozenSet<string>.Empty;
        }

        IReadOnlyList<string> names = reader.Texts(node, name);
        if (names.Count > MaxNames)
        {
            reader.Report(node, $"'{name}' has more than {MaxNames} names.", "Remove some.");
        }

        return names.Select(Normal).ToFrozenSet(StringComparer.Ordinal);
    }
}
