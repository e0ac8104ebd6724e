using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Agt.Policy.Loading;
using Agt.Values;

namespace Agt.Policy.Limits;

/// <summary>A policy as rules of the Agent OS kind, and back (POL-160).</summary>
internal static class GovernancePolicyRules
{
    private const string Rest = "x-governance-policy";
    private const string PatternKey = "x-pattern";
    private const int First = 100;

    /// <summary>What no rule can say.</summary>
    private static readonly string[] RestFields = ["timeout_seconds", "drift_threshold", "log_all_calls", "checkpoint_frequency", "max_concurrent", "backpressure_threshold"];

    internal static string Write(GovernancePolicy policy)
    {
        if (policy.AllowedTools.Count > ConditionLimits.Default.MaxListItems)
        {
            throw new InvalidOperationException($"allowed_tools has {policy.AllowedTools.Count} items: a rule takes lists of {ConditionLimits.Default.MaxListItems}.");
        }

        var yaml = new StringBuilder();
        yaml.Append(CultureInfo.InvariantCulture, $"name: {GovernancePolicyFormat.Text(policy.Name)}\nversion: {GovernancePolicyFormat.Text(policy.Version)}\n");
        yaml.Append("defaults: {action: allow}\n").Append(Rest).Append(": {");
        yaml.AppendJoin(", ", GovernancePolicyFormat.Fields.Where(field => RestFields.Contains(field.Name)).Select(field => $"{field.Name}: {field.Json(policy)}"));
        yaml.Append("}\nrules:\n");
        int priority = First;
        Rule("max_tokens", $"session.tokens, operator: gt, value: {policy.MaxTokens}", "deny", "Token limit exceeded.", "[pre_model, pre_tool]");
        Rule("max_tool_calls", $"session.tool_calls, operator: gt, value: {policy.MaxToolCalls}", "deny", "Tool-call limit exceeded.");
        if (policy.AllowedTools.Count > 0)
        {
            Rule("allowed_tools", $"tool_name, operator: not_in, value: {GovernancePolicyFormat.List(policy.AllowedTools, GovernancePolicyFormat.Text)}", "deny", "Tool not permitted by governance policy.");
        }

        for (int i = 0; i < policy.BlockedPatterns.Count; i++)
        {
            string expression = Expression(policy.BlockedPatterns[i]);
            if (expression.Length > ConditionLimits.Default.MaxPatternLength)
            {
                throw new InvalidOperationException($"blocked_patterns[{i}] is too long for a rule: a rule takes expressions of {ConditionLimits.Default.MaxPatternLength} characters.");
            }

            Rule(
                string.Create(CultureInfo.InvariantCulture, $"blocked_pattern_{i + 1}"), $"args, operator: matches, value: {GovernancePolicyFormat.Text(expression)}", "deny", "Content blocked by governance policy.",
                extra: $"{PatternKey}: {GovernancePolicyFormat.Pattern(policy.BlockedPatterns[i])}");
        }

        Rule("confidence_threshold", $"confidence, operator: lt, value: {GovernancePolicyFormat.Number(policy.ConfidenceThreshold)}", "deny", "Confidence below required threshold.");
        if (policy.RequireHumanApproval)
        {
            Rule("require_human_approval", "tool_name, operator: exists, value: true", "require_approval", "Human approval required.");
        }

        return yaml.ToString();

        void Rule(string name, string condition, string action, string message, string stage = "pre_tool", string? extra = null)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"  - name: {name}\n    condition: {{field: {condition}}}\n    action: {action}\n    priority: {priority--}\n    stage: {stage}\n    message: {message}\n");
            if (extra is not null)
            {
                yaml.Append("    ").Append(extra).Append('\n');
            }
        }
    }

    internal static GovernancePolicy Read(string text, string source)
    {
        DocumentNode root = GovernancePolicyReader.Tree(text, source);
        var bag = new DiagnosticBag(source) { IsLenient = true };
        if (root.Members is null)
        {
            bag.Error("AGTP031", root.Position, string.Empty, $"The policy is {root.KindName}, not a map.", "Give what GovernancePolicy.ToPolicyText wrote.");
            throw new PolicyLoadException(bag.Found);
        }

        var map = new MapReader(root, string.Empty, bag);
        List<DocumentMember> fields = [.. root.Members.Where(member => member.Name is "name" or "version")];
        fields.AddRange(map.Find(Rest)?.Members ?? []);
        DocumentNode? rules = map.Find("rules");
        var patterns = new List<DocumentNode>();
        foreach (DocumentNode rule in rules?.Items ?? [])
        {
            Take(rule, fields, patterns);
        }

        fields.Add(new DocumentMember("blocked_patterns", root.Position, new DocumentNode { Position = rules?.Position ?? root.Position, Items = patterns }));
        GovernancePolicy policy = GovernancePolicyReader.Bind(new DocumentNode { Position = root.Position, Members = fields }, source, null);

        // What was taken out of the rules must give the same rules: then nothing in them was passed over.
        DocumentNode again = GovernancePolicyReader.Tree(Write(policy), source);
        DocumentNode expected = new MapReader(again, string.Empty, bag).Find("rules")!;
        for (int i = 0; i < Math.Max(rules?.Items?.Count ?? 0, expected.Items!.Count); i++)
        {
            DocumentNode? given = i < (rules?.Items?.Count ?? 0) ? rules!.Items![i] : null;
            if (given is null || i >= expected.Items.Count || !Same(given, expected.Items[i]))
            {
                bag.Error(
                    "AGTP059", given?.Position ?? rules?.Position ?? root.Position, $"/rules/{i}",
                    given is null ? "A rule that every governance policy has is missing." : "The rule says what no field of a governance policy says.",
                    "Write it as GovernancePolicy.ToPolicyText does, or keep the file as a policy of rules.");
                throw new PolicyLoadException(bag.Found);
            }
        }

        if (map.Find("defaults") is not { } defaults || !Same(defaults, new MapReader(again, string.Empty, bag).Find("defaults")!))
        {
            bag.Error("AGTP059", (map.Find("defaults") ?? root).Position, "/defaults", "defaults of a governance policy are {action: allow}.", "Write them so, or keep the file as a policy of rules.");
            throw new PolicyLoadException(bag.Found);
        }

        return policy;
    }

    private static void Take(DocumentNode rule, List<DocumentMember> fields, List<DocumentNode> patterns)
    {
        string? name = Member(rule, "name")?.Text;
        DocumentNode? value = Member(rule, "condition") is { } condition ? Member(condition, "value") : null;
        if (Member(rule, PatternKey) is { } pattern)
        {
            patterns.Add(pattern);
        }
        else if (name == "require_human_approval")
        {
            fields.Add(new DocumentMember(name, rule.Position, new DocumentNode { Position = rule.Position, Scalar = GovernedValue.From(true) }));
        }
        else if (name is "max_tokens" or "max_tool_calls" or "allowed_tools" or "confidence_threshold" && value is not null)
        {
            fields.Add(new DocumentMember(name, rule.Position, value));
        }
    }

    private static DocumentNode? Member(DocumentNode map, string name) => map.Members?.Find(member => member.Name == name).Value;

    private static bool Same(DocumentNode one, DocumentNode other)
    {
        if (one.Items is { } items)
        {
            return other.Items is { } others && items.Count == others.Count && items.Zip(others).All(pair => Same(pair.First, pair.Second));
        }

        if (one.Members is { } members)
        {
            return other.Members is { } others && members.Count == others.Count && members.TrueForAll(member => Member(other, member.Name) is { } value && Same(member.Value, value));
        }

        return other.Items is null && other.Members is null && one.Scalar.Kind == other.Scalar.Kind && one.Scalar == other.Scalar;
    }

    /// <summary>A pattern as a regular expression over the JSON text of the arguments.</summary>
    private static string Expression(BlockedPattern pattern)
    {
        if (pattern.Kind == BlockedPatternKind.Regex)
        {
            return "(?i)" + pattern.Text;
        }

        if (pattern.Kind == BlockedPatternKind.Glob)
        {
            // A whole text in JSON: between quotes, and not a name.
            return "(?i)\"" + Glob(pattern.Text) + "\"(?:[,}\\]]|$)";
        }

        string plain = Regex.Escape(pattern.Text);
        string inJson = Regex.Escape(InJson(pattern.Text));
        return plain == inJson ? "(?i)" + plain : $"(?i)(?:{plain}|{inJson})";
    }

    private static string Glob(string glob)
    {
        const string AnyOne = """(?:[^"\\]|\\u[0-9a-f]{4}|\\.)""";
        var regex = new StringBuilder();
        for (int i = 0; i < glob.Length; i++)
        {
            int close = glob[i] == '[' ? glob.IndexOf(']', Math.Min(i + 2, glob.Length)) : -1;
            if (glob[i] == '*')
            {
                regex.Append(AnyOne).Append('*');
            }
            else if (glob[i] == '?' || close > 0)
            {
                // Of a set only that it is one character: rather too much is denied than too little.
                regex.Append(AnyOne);
                i = close > 0 ? close : i;
            }
            else
            {
                int units = char.IsHighSurrogate(glob[i]) ? 2 : 1;
                regex.Append(Regex.Escape(InJson(glob.Substring(i, units))));
                i += units - 1;
            }
        }

        return regex.ToString();
    }

    private static string InJson(string text) => CanonicalJson.ToString(GovernedValue.From(text))[1..^1];
}
