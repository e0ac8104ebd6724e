using Agt.Policy.Limits;
using Agt.Values;
using CsCheck;

namespace Agt.Policy.Tests.Limits;

/// <summary>The limits of one agent as one value.</summary>
public sealed class GovernancePolicyTests
{
    internal static readonly Gen<GovernancePolicy> AnyPolicy =
        from name in AnyText
        from version in AnyText
        from numbers in Gen.Select(Gen.Long[1, long.MaxValue], Gen.Int[0, 500], Gen.Int[1, 10_000], Gen.Int[1, 100], Gen.Int[1, 100], Gen.Int[1, 100])
        from shares in Gen.Select(Gen.Double[0, 1], Gen.Double[0, 1])
        from flags in Gen.Select(Gen.Bool, Gen.Bool)
        from tools in AnyText.Array[0, 3]
        from patterns in AnyPattern.Array[0, 3]
        select new GovernancePolicy
        {
            Name = name,
            Version = version,
            MaxTokens = numbers.Item1,
            MaxToolCalls = numbers.Item2,
            TimeoutSeconds = numbers.Item3,
            CheckpointFrequency = numbers.Item4,
            MaxConcurrent = numbers.Item5,
            BackpressureThreshold = numbers.Item6,
            ConfidenceThreshold = shares.Item1,
            DriftThreshold = shares.Item2,
            RequireHumanApproval = flags.Item1,
            LogAllCalls = flags.Item2,
            AllowedTools = tools,
            BlockedPatterns = patterns,
        };

    private static Gen<string> AnyText => Gen.OneOf(
        OneOfThese("no", "1.0", "~", "a: b", "- x", "'", "\"", "\\", "{a}", "a\nb", "x\u0085", "x\u2028", "\ufeffx", "日本", "😀", "#c", "tab\there", "null", "\u0001", "%y", "@", "`"),
        Gen.String[Gen.Char[' ', '~'], 1, 12].Where(text => !string.IsNullOrWhiteSpace(text)));

    private static Gen<BlockedPattern> AnyPattern => Gen.OneOf(
        AnyText.Select(text => new BlockedPattern(text)),
        OneOfThese("^rm", "drop\\s+table", "[a-z]{3}\\d", "a|b").Select(text => new BlockedPattern(text, BlockedPatternKind.Regex)),
        OneOfThese("*.exe", "a?c", "[!x]*", "*\"*", "😀*").Select(text => new BlockedPattern(text, BlockedPatternKind.Glob)));

    private static Gen<string> OneOfThese(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);

    [Fact]
    [Requirement("POL-150")]
    [Requirement("ADP-060")]
    public void It_has_the_defaults_of_the_specification()
    {
        var policy = new GovernancePolicy();
        Assert.Equal(
            """
            name: "default"
            version: "1.0.0"
            max_tokens: 4096
            max_tool_calls: 10
            allowed_tools: []
            blocked_patterns: []
            require_human_approval: false
            timeout_seconds: 300
            confidence_threshold: 0.8
            drift_threshold: 0.15
            log_all_calls: true
            checkpoint_frequency: 5
            max_concurrent: 10
            backpressure_threshold: 8

            """,
            policy.ToYaml());
        Assert.Empty(policy.DetectConflicts());
        Assert.Equal(new SessionLimits { MaxTokens = 4_096, MaxToolCalls = 10, Duration = TimeSpan.FromSeconds(300) }, policy.SessionLimits);
    }

    [Theory]
    [Requirement("POL-150", "POL-151")]
    [Requirement("POL-152")]
    [Requirement("POL-153")]
    [InlineData("max_tokens", "0")]
    [InlineData("timeout_seconds", "0")]
    [InlineData("max_concurrent", "0")]
    [InlineData("backpressure_threshold", "-1")]
    [InlineData("checkpoint_frequency", "0")]
    [InlineData("max_tool_calls", "-1")]
    [InlineData("confidence_threshold", "1.5")]
    [InlineData("confidence_threshold", "-0.1")]
    [InlineData("drift_threshold", "1.00001")]
    [InlineData("name", "''")]
    [InlineData("name", "~")]
    [InlineData("version", "'  '")]
    [InlineData("allowed_tools", "[1]")]
    [InlineData("allowed_tools", "{a: b}")]
    [InlineData("max_tokens", "many")]
    [InlineData("max_tokens", "1.5")]
    [InlineData("max_concurrent", "99999999999")]
    [InlineData("require_human_approval", "'yes'")]
    public void A_field_that_is_wrong_is_named(string field, string value)
    {
        var exception = Assert.Throws<PolicyLoadException>(() => GovernancePolicy.FromYaml($"{field}: {value}\n"));
        Assert.Contains(field, exception.Diagnostics[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("POL-150", "POL-151")]
    [Requirement("POL-152")]
    [Requirement("POL-153")]
    public void The_constructor_refuses_it_too()
    {
        (string Field, Func<object> Make)[] all =
        [
            ("max_tokens", () => new GovernancePolicy { MaxTokens = 0 }),
            ("timeout_seconds", () => new GovernancePolicy { TimeoutSeconds = 0 }),
            ("max_concurrent", () => new GovernancePolicy { MaxConcurrent = 0 }),
            ("backpressure_threshold", () => new GovernancePolicy { BackpressureThreshold = 0 }),
            ("checkpoint_frequency", () => new GovernancePolicy { CheckpointFrequency = 0 }),
            ("max_tool_calls", () => new GovernancePolicy { MaxToolCalls = -1 }),
            ("confidence_threshold", () => new GovernancePolicy { ConfidenceThreshold = double.NaN }),
            ("drift_threshold", () => new GovernancePolicy() with { DriftThreshold = double.NaN }),
            ("name", () => new GovernancePolicy { Name = " " }),
            ("version", () => new GovernancePolicy { Version = "\ud83d" }),
            ("allowed_tools[1]", () => new GovernancePolicy { AllowedTools = ["a", ""] }),
            ("blocked_patterns[0]", () => new GovernancePolicy { BlockedPatterns = [""] }),
        ];
        Assert.All(all, one => Assert.Contains(one.Field, Assert.ThrowsAny<ArgumentException>(one.Make).Message, StringComparison.Ordinal));
        Assert.Equal(0, new GovernancePolicy { MaxToolCalls = 0 }.MaxToolCalls);
    }

    [Theory]
    [Requirement("POL-154")]
    [InlineData("a(", "malformed")]
    [InlineData("(?!x)", "negative lookahead")]
    [InlineData("(a)\\1", "backreference")]
    public void An_expression_that_cannot_be_matched_in_linear_time_is_refused_with_its_index(string expression, string said)
    {
        var exception = Assert.Throws<ArgumentException>(() => new GovernancePolicy { BlockedPatterns = ["fine", new(expression, BlockedPatternKind.Regex)] });
        Assert.StartsWith("blocked_patterns[1]: invalid regex: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(said, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [Requirement("POL-154")]
    [InlineData("blocked_patterns: [ok, {pattern: 'a(', type: regex}]", "blocked_patterns[1]: invalid regex")]
    [InlineData("blocked_patterns: [{pattern: a, type: fuzzy}]", "type must be substring, regex or glob")]
    [InlineData("blocked_patterns: [{type: regex}]", "pattern is missing")]
    [InlineData("blocked_patterns: [5]", "A blocked pattern is a number")]
    [InlineData("blocked_patterns: secret", "blocked_patterns is text")]
    public void A_pattern_in_a_file_is_refused_for_what_it_is(string text, string said) =>
        Assert.Contains(said, Assert.Throws<PolicyLoadException>(() => GovernancePolicy.FromYaml(text)).Message, StringComparison.Ordinal);

    [Fact]
    [Requirement("POL-155", "POL-154")]
    public void All_patterns_that_match_are_given_in_order_and_case_does_not_matter()
    {
        BlockedPattern glob = new("*.exe", BlockedPatternKind.Glob);
        BlockedPattern regex = new("drop\\s+table", BlockedPatternKind.Regex);
        BlockedPattern one = new("[!b]?t", BlockedPatternKind.Glob);
        var policy = new GovernancePolicy { BlockedPatterns = [regex, "PassWord", glob, one] };
        Assert.Equal([regex, "PassWord"], policy.MatchesPattern("the password: DROP \n TABLE x"));
        Assert.Equal([glob], policy.MatchesPattern("SETUP.EXE"));
        Assert.Equal([glob], policy.MatchesPattern("two\nlines.exe"));
        Assert.Empty(policy.MatchesPattern("a.exe.txt"));
        Assert.Equal([one], policy.MatchesPattern("CAT"));
        Assert.Empty(policy.MatchesPattern("bat"));
    }

    [Theory]
    [Requirement("POL-155")]
    [InlineData("""{"file":{"names":["x","SETUP.EXE"]}}""", "*.exe")]
    [InlineData("""{"b":1,"a":2}""", "\"a\":2,\"b\":1")]
    [InlineData("""{"text":"über"}""", "ÜBER")]
    [InlineData("""{"text":"one\ntwo"}""", "one\ntwo")]
    [InlineData("""{"say \"hi\"":1}""", "hi")]
    [Requirement("ADP-071", Partial = "arguments and input; results are searched by rules at the result")]
    public void Arguments_are_searched_as_sorted_json_and_text_by_text(string arguments, string pattern)
    {
        BlockedPattern blocked = new(pattern, pattern.Contains('*', StringComparison.Ordinal) ? BlockedPatternKind.Glob : BlockedPatternKind.Substring);
        var policy = new GovernancePolicy { BlockedPatterns = [blocked] };
        Assert.Equal([blocked], policy.MatchesPattern(GovernedValue.FromJson(arguments)));
        Assert.Empty(policy.MatchesPattern(GovernedValue.FromJson("""{"path":"a.exe.txt"}""")));
    }

    [Fact]
    [Requirement("POL-156")]
    public void What_hardly_can_be_meant_is_pointed_out()
    {
        var policy = new GovernancePolicy { BackpressureThreshold = 10, MaxToolCalls = 0, AllowedTools = ["a"], ConfidenceThreshold = 0, TimeoutSeconds = 4 };
        Assert.Equal(["backpressure_threshold", "max_tool_calls", "confidence_threshold", "timeout_seconds"], policy.DetectConflicts().Select(text => text.Split(' ')[0]));
    }

    [Fact]
    [Requirement("POL-157", "POL-X14")]
    [Requirement("ADP-060")]
    public void A_policy_is_stricter_by_one_field_if_it_is_laxer_by_none()
    {
        var policy = new GovernancePolicy { AllowedTools = ["a", "b"], BlockedPatterns = ["x"] };
        GovernancePolicy[] stricter =
        [
            policy with { MaxTokens = 1 }, policy with { MaxToolCalls = 0 }, policy with { TimeoutSeconds = 299 }, policy with { MaxConcurrent = 9 }, policy with { BackpressureThreshold = 7 },
            policy with { CheckpointFrequency = 4 }, policy with { DriftThreshold = 0.1 }, policy with { ConfidenceThreshold = 0.9 }, policy with { RequireHumanApproval = true },
            policy with { AllowedTools = ["b"] }, policy with { BlockedPatterns = ["y", "x"] },
        ];
        Assert.All(stricter, one => Assert.True(one.IsStricterThan(policy)));
        Assert.All(stricter, one => Assert.False(policy.IsStricterThan(one)));
        Assert.False(policy.IsStricterThan(policy with { Name = "other", Version = "2" }));
        Assert.False((policy with { AllowedTools = ["b", "a"] }).IsStricterThan(policy));

        // What the original gets wrong: all tools beat two, unrelated patterns count, max_concurrent alone does not.
        Assert.False((policy with { AllowedTools = [], MaxTokens = 1 }).IsStricterThan(policy));
        Assert.True(policy.IsStricterThan(policy with { AllowedTools = [] }));
        Assert.False((policy with { BlockedPatterns = ["y", "z"] }).IsStricterThan(policy));
        Assert.False((policy with { AllowedTools = ["c"] }).IsStricterThan(policy));
        Assert.False((policy with { BlockedPatterns = [new("x", BlockedPatternKind.Regex)] }).IsStricterThan(policy));
    }

    [Fact]
    [Requirement("POL-157")]
    public void Stricter_is_a_strict_order()
    {
        Gen.Select(AnyPolicy, AnyPolicy).Sample((one, other) =>
        {
            Assert.False(one.IsStricterThan(one));
            Assert.False(one.IsStricterThan(other) && other.IsStricterThan(one));
        });
    }

    [Fact]
    [Requirement("POL-158")]
    public void Two_versions_are_compared_field_by_field()
    {
        var policy = new GovernancePolicy { Name = "a" };
        GovernancePolicy changed = policy with { MaxTokens = 5, AllowedTools = ["x"], Version = "2.0.0" };
        GovernancePolicyVersions versions = policy.CompareVersions(changed);
        Assert.Equal((true, "1.0.0", "2.0.0"), (versions.VersionsDiffer, versions.OldVersion, versions.NewVersion));
        Assert.Equal(
            [new("version", "\"1.0.0\"", "\"2.0.0\""), new("max_tokens", "4096", "5"), new("allowed_tools", "[]", "[\"x\"]")],
            versions.Changes);
        Assert.Empty(policy.Diff(policy with { }));
        Assert.False(policy.CompareVersions(policy with { MaxTokens = 5 }).VersionsDiffer);
    }

    [Fact]
    [Requirement("POL-159", "POL-X14")]
    public void Writing_and_reading_loses_nothing()
    {
        AnyPolicy.Sample(policy =>
        {
            Assert.Equal(policy, GovernancePolicy.FromYaml(policy.ToYaml()));
            Assert.Equal(policy, GovernancePolicy.FromMap(policy.ToMap()));
        });
    }

    [Fact]
    [Requirement("POL-159")]
    public void Unknown_keys_are_passed_over_and_said()
    {
        var findings = new List<PolicyDiagnostic>();
        Assert.Equal(new GovernancePolicy { MaxTokens = 7 }, GovernancePolicy.FromYaml("max_tokens: 7\nmax_tool_call: 3\n", "p.yaml", findings));
        Assert.Equal("p.yaml(2,1): warning AGTP030: A governance policy has no field 'max_tool_call'. Did you mean 'max_tool_calls'?", Assert.Single(findings).ToString());
        Assert.Equal(new GovernancePolicy(), GovernancePolicy.FromMap(new Dictionary<string, object?> { ["else"] = 1 }));
        Assert.Equal(new GovernancePolicy { Name = "j" }, GovernancePolicy.FromYaml("""{"name":"j"}"""));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("a: [")]
    [InlineData("")]
    public void What_is_no_map_is_refused(string text) => Assert.Throws<PolicyLoadException>(() => GovernancePolicy.FromYaml(text));

    [Fact]
    public void A_map_of_strange_objects_is_refused()
    {
        Assert.Throws<PolicyLoadException>(() => GovernancePolicy.FromMap(new Dictionary<string, object?> { ["max_tokens"] = new object() }));
        Assert.Throws<PolicyLoadException>(() => GovernancePolicy.FromMap(new Dictionary<string, object?> { ["max_tokens"] = "5" }));
        var deep = new Dictionary<string, object?>();
        deep["x"] = deep;
        Assert.Throws<PolicyLoadException>(() => GovernancePolicy.FromMap(deep));
    }
}
