using Agt.Policy.Acs;

namespace Agt.Policy.Tests.Loading;

/// <summary>Policy files that users of the original toolkit write or are given: each loads, or is refused for a reason that is named here. Read from the folder that <c>AGT_CORPORA</c> names.</summary>
[Trait("Corpus", "policies")]
public sealed class PolicyCorpusTests
{
    /// <summary>What is refused, and why: configuration of other parts, YAML that is malformed, fields that would silently do nothing.</summary>
    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        ["v4-agent-os-templates/data-protection.yaml"] = "AGTP010", ["v4-agent-os-templates/enterprise.yaml"] = "AGTP010",
        ["v4-agent-os-templates/multi-tenant.yaml"] = "AGTP010", ["v4-agent-os-templates/secure-coding.yaml"] = "AGTP010",
        ["v4-agent-os-templates/*"] = "AGTP022",
        ["v4-demos/citadel/agent-policy.yaml"] = "AGTP022", ["v4-demos/marketplace/marketplace-policy.yaml"] = "AGTP022",
        ["v4-demos/marketplace/plugin-safety.yaml"] = "AGTP030",
        ["v4-examples/adk-governance.yaml"] = "AGTP022", ["v4-examples/atr-community-rules.yaml"] = "AGTP022", ["v4-examples/cli-security-rules.yaml"] = "AGTP030",
        ["v4-examples/conversation-guardian.yaml"] = "AGTP022", ["v4-examples/mcp-security.yaml"] = "AGTP022", ["v4-examples/pii-detection.yaml"] = "AGTP022",
        ["v4-examples/prompt-injection-safety.yaml"] = "AGTP022", ["v4-examples/sandbox-safety.yaml"] = "AGTP022", ["v4-examples/semantic-policy.yaml"] = "AGTP022",
        ["v4-examples/sql-readonly.yaml"] = "AGTP022", ["v4-examples/sql-safety.yaml"] = "AGTP022", ["v4-examples/sql-strict.yaml"] = "AGTP022",
        ["v4-mesh/*"] = "AGTP030", ["v4-policy-as-code/06_test_scenarios.yaml"] = "AGTP022", ["v4-shared-policies/*"] = "AGTP030",
        ["v5-templates/federation-policy.yaml"] = "AGTP022", ["v5-*"] = "AGTP021",
    };

    public static TheoryData<string> Files
    {
        get
        {
            string? folder = Corpora.Folder("policies-agt");
            return folder is null
                ? [string.Empty]
                : [.. Directory.EnumerateFiles(folder, "*.yaml", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    [Requirement("POL-001")]
    [Requirement("POL-005")]
    public void A_policy_file_loads_or_is_refused_for_its_reason(string file)
    {
        PolicyLoadResult result = PolicyLoader.Load(Path.Combine(Corpora.Require("policies-agt"), file), new PolicyLoadOptions { SkipNonLinearPatterns = true });
        string? expected = Refused.GetValueOrDefault(file) ?? Refused.FirstOrDefault(pair => pair.Key.EndsWith('*') && file.StartsWith(pair.Key[..^1], StringComparison.Ordinal)).Value;
        if (expected is null)
        {
            Assert.DoesNotContain(result.Diagnostics, finding => finding.Severity == DiagnosticSeverity.Error);
            Assert.NotEqual(0, Assert.Single(result.Documents).RuleCount);
        }
        else
        {
            Assert.Contains(result.Diagnostics, finding => finding.Severity == DiagnosticSeverity.Error && finding.Code == expected);
            Assert.Empty(result.Documents);
        }
    }

    /// <summary>The manifests among them load as what they are.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    [Requirement("POL-001")]
    public async Task A_manifest_of_the_agent_control_specification_loads(string file)
    {
        string path = Path.Combine(Corpora.Require("policies-agt"), file);
        AcsLoadResult loaded = await AcsManifestLoader.LoadAsync(path, cancellationToken: TestContext.Current.CancellationToken);
        if (PolicyLoader.Load(path).Diagnostics.Any(finding => finding.Code == "AGTP021"))
        {
            Assert.NotEmpty(loaded.GetManifest().Points);
        }
        else
        {
            Assert.Equal(AcsReasons.ManifestInvalid, loaded.Reason);
        }
    }

    /// <summary>The patterns that no linear-time engine takes: 21 in all of these files, each named with its line.</summary>
    [Theory]
    [InlineData("v4-atr/atr_community_policy_full.yaml", 1_555, 19)]
    [InlineData("v4-demos/smolagents/research_governance_policy.yaml", 18, 1)]
    [InlineData("v4-templates/starters/general-saas.yaml", 46, 1)]
    public void Patterns_that_are_not_linear_time_are_counted_and_named_and_refuse_the_file_unless_the_host_agrees(string file, int rules, int patterns)
    {
        string path = Path.Combine(Corpora.Require("policies-agt"), file);
        PolicyLoadResult loaded = PolicyLoader.Load(path, new PolicyLoadOptions { SkipNonLinearPatterns = true });
        Assert.Equal(rules, Assert.Single(loaded.Documents).RuleCount);
        PolicyDiagnostic[] named = [.. loaded.Diagnostics.Where(finding => finding.Code == "AGTP048")];
        Assert.Equal(patterns, named.Length);
        Assert.All(named, finding => Assert.True(finding.Position.Line > 1));
        Assert.Equal(rules - patterns, Assert.Single(loaded.Documents).Rules.Count(rule => rule.Enabled));
        PolicyLoadResult refused = PolicyLoader.Load(path);
        Assert.Empty(refused.Documents);
        Assert.Equal(patterns, refused.Diagnostics.Count(finding => finding.Code is "AGTP121" or "AGTP124"));
    }

    /// <summary>The files that bring scenarios of their own.</summary>
    [Theory]
    [InlineData("search_documents", true)]
    [InlineData("delete_database", false)]
    [InlineData("transfer_funds", false)]
    [InlineData("send_email", false)]
    [InlineData("write_file", false)]
    [InlineData("read_logs", true)]
    public void The_scenarios_of_the_tutorial_come_out_as_it_says(string tool, bool allowed)
    {
        PolicyLoadResult result = PolicyLoader.Load(Path.Combine(Corpora.Require("policies-agt"), "v4-policy-as-code/06_test_policy.yaml"));
        CompiledPolicySet set = PolicySet.Compile(result.Documents);
        var input = new PolicyInput(new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity(tool), "tests"), default);
        Assert.Equal(allowed, set.Evaluate(in input).Outcome != VerdictOutcome.Deny);
    }
}
