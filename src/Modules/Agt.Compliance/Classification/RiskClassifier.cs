using Agt.Compliance.Packs;

namespace Agt.Compliance.Classification;

/// <summary>
/// Classifies a system by the EU AI Act, in the fixed order of its articles (spec 09, CMP-102). What is missing or unclear raises the class, never lowers it; a lawyer decides. Thread-safe.
/// </summary>
/// <param name="tables">The names that are known.</param>
public sealed class RiskClassifier(RiskTables tables)
{
    private const int ShortName = 6;

    /// <summary>Classifies.</summary>
    /// <param name="profile">What is known of the system.</param>
    public RiskClassification Classify(RiskProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        string[] domains = Normal(profile.Domains);
        string[] capabilities = Normal(profile.Capabilities);
        string[] all = [.. domains.Union(capabilities)];
        string[] claimed = Normal(profile.Exemptions);
        string[] ignored = [.. claimed.Where(tag => !tables.Exemptions.Contains(tag)).Order(StringComparer.Ordinal)];
        var triggers = new List<string>();

        if (Matches(all, tables.Unacceptable, "article_5", triggers))
        {
            return new RiskClassification(RiskClass.Unacceptable, triggers, [], ignored);
        }

        bool high = false;
        if (profile.IsSafetyComponent)
        {
            string? law = string.IsNullOrWhiteSpace(profile.Legislation) ? null : RiskTables.Normal(profile.Legislation);
            triggers.Add(law is not null && tables.AnnexI.Contains(law) ? "annex_i:" + law : "unverified_annex_i");
            high = true;
        }

        string[] exemptions = [];
        var areas = new List<string>();
        if (Matches(domains, tables.HighRiskDomains, "annex_iii", areas))
        {
            string? refusal = Refusal(profile, claimed);
            if (refusal is null)
            {
                exemptions = [.. claimed.Where(tables.Exemptions.Contains).Order(StringComparer.Ordinal)];
            }
            else
            {
                triggers.AddRange(areas);
                if (refusal.Length > 0)
                {
                    triggers.Add(refusal);
                }

                high = true;
            }
        }

        // An exempted area has been looked at by a person, with what the system can do there.
        if (exemptions.Length == 0)
        {
            high |= Matches(all, tables.HighRiskCapabilities, "capability", triggers);
        }

        if (all.Length == 0 && !high)
        {
            triggers.Add("no_facts");
            high = true;
        }

        if (high)
        {
            return new RiskClassification(RiskClass.High, triggers, exemptions, ignored);
        }

        return Matches(all, tables.Limited, "article_50", triggers)
            ? new RiskClassification(RiskClass.Limited, triggers, exemptions, ignored)
            : new RiskClassification(RiskClass.Minimal, triggers, exemptions, ignored);
    }

    /// <summary>Why no exemption holds; empty where none was claimed, null where one holds.</summary>
    private string? Refusal(RiskProfile profile, string[] claimed)
    {
        if (!claimed.Any(tables.Exemptions.Contains))
        {
            return string.Empty;
        }

        return profile.Profiling switch
        {
            true => "profiling_override",
            null => "profiling_unknown",
            false => string.IsNullOrWhiteSpace(profile.AssessmentReference) ? "unrecorded_assessment" : null,
        };
    }

    private static string[] Normal(IEnumerable<string> names) => [.. names.Where(name => !string.IsNullOrWhiteSpace(name)).Select(RiskTables.Normal).Distinct(StringComparer.Ordinal)];

    /// <summary>Finds names in a table of what raises the class. A slip of a letter or two in a long name is taken as that name: a typo must not make a system harmless.</summary>
    private static bool Matches(IEnumerable<string> names, IReadOnlySet<string> table, string trigger, List<string> triggers)
    {
        bool any = false;
        foreach (string name in names)
        {
            string? found = table.Contains(name) ? name : name.Length > ShortName ? table.Where(known => known.Length > ShortName && NodeReader.Distance(known, name) <= 2).Order(StringComparer.Ordinal).FirstOrDefault() : null;
            if (found is not null)
            {
                triggers.Add(found == name ? $"{trigger}:{name}" : $"{trigger}:{found} (written '{name}')");
                any = true;
            }
        }

        return any;
    }
}
