using Agt.Policy.Syntax;
using YamlDotNet.RepresentationModel;

namespace Agt.Policy.Tests.Syntax;

/// <summary>The detection patterns of the Agent Threat Rules, read from the folder that <c>AGT_CORPORA</c> names.</summary>
[Trait("Corpus", "policies")]
public sealed class AtrPatternTests
{
    [Fact]
    [Requirement("POL-061")]
    public void The_patterns_that_no_linear_engine_takes_are_refused_by_name_and_only_very_large_ones_have_to_be_constructed_to_know()
    {
        List<(string Rule, string Pattern)> rules = Rules();
        var cache = new PatternCache();
        var refused = new List<string>();
        int accepted = 0;
        int constructed = 0;
        foreach ((string rule, string pattern) in rules)
        {
            try
            {
                constructed += cache.Get(0, pattern, glob: false).IsConstructed ? 1 : 0;
                accepted++;
            }
            catch (ConditionException exception)
            {
                Assert.Equal("AGTP121", exception.Code);
                refused.Add(rule);
            }
        }

        Assert.Equal(1_555, rules.Count);
        Assert.Equal((1_536, 9), (accepted, constructed));
        Assert.Equal(
            [
                "atr-2026-00288-3", "atr-2026-00301-2", "atr-2026-00114-1", "atr-2026-00115-1", "atr-2026-00411",
                "atr-2026-00070-5", "atr-2026-00051", "atr-2026-00052-8", "atr-2026-00099", "atr-2026-00099-5",
                "atr-2026-00284-1", "atr-2026-00004-6", "atr-2026-00060-5", "atr-2026-00063", "atr-2026-00120-2",
                "atr-2026-00123", "atr-2026-00135-2", "atr-2026-00149-11", "atr-2026-00161-2",
            ],
            refused);
    }

    private static List<(string Rule, string Pattern)> Rules()
    {
        string file = Path.Combine(Corpora.Require("policies-agt"), "v4-atr", "atr_community_policy_full.yaml");
        var yaml = new YamlStream();
        using StreamReader reader = File.OpenText(file);
        yaml.Load(reader);
        return [.. ((YamlSequenceNode)yaml.Documents[0].RootNode["rules"]).Select(r => (r["name"].ToString(), r["condition"]["value"].ToString()))];
    }
}
