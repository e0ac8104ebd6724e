using Agt.Policy.Documents;
using Agt.Policy.RateLimits;
using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Tests.Evaluation;

/// <summary>Random documents and actions over a small vocabulary, so that rules often meet, collide, and fail.</summary>
internal sealed class RandomPolicies(ulong seed)
{
    private static readonly string[] Tools = ["tool_a", "tool_b", "shell_exec", "shell_rm", "Ünïcode 日本", "tool_a.x"];
    private static readonly string[] Texts = ["", "a", "ab", "AB", "b", "é", "日本", "😀", "a😀b", "tool_a", "shell_", "agent-1", "1", "true", "null"];
    private static readonly string[] Numbers =
        ["0", "1", "1.0", "-1", "2", "0.5", "1.50", "9007199254740992", "9007199254740993", "9007199254740992.0", "9223372036854775807", "9223372036854775808", "1e300", "-0.1"];

    private static readonly string[] Paths =
    [
        "tool_name", "tool_name", "tool_name", "tool", "tool.name", "tool.source", "tool.hash", "agent_id", "agent.id", "agent", "user", "tenant", "operation", "point",
        "action", "action.type", "framework", "session.id", "session.tool_calls", "session.model_calls", "session.tokens", "session.labels", "trust_score", "verified",
        "facets", "facets.f", "facets.a", "f", "args", "args.a", "args.b", "args.agent_id", "a", "a", "a", "b", "b", "c", "a.b", "a.b.c", "a[0]", "a.0", "a.value", "b.value",
        "x.y", "output", "output.r", "output.value", "input", "input.a", "message", "absent", "absent.more", "f.g",
    ];

    private static readonly string[] Patterns = ["^a", "b$", "[0-9]+", "日", ".", "^tool_", "(?i)AB", "\\{"];
    private static readonly string[] Globs = ["*", "a*", "tool_*", "shell_*", "*b", "?", "tool_a", "[ab]*", "[!a]*", "*日*", "shell_[er]*", ""];
    private readonly Random _random = new((int)(seed ^ (seed >> 32)));
    private readonly PatternCache _patterns = new();

    internal PolicyDocument[] Documents()
    {
        int count = Chance(5) ? 0 : 1 + _random.Next(3);
        return [.. Enumerable.Range(0, count).Select(Document)];
    }

    internal PolicyCase Action()
    {
        InterventionPoint point = Pick(Enum.GetValues<InterventionPoint>().Where(p => p.BeginsAction()).Append(InterventionPoint.PreToolCall).Append(InterventionPoint.PreToolCall).ToArray());
        ToolIdentity? tool = point == InterventionPoint.PreToolCall
            ? new ToolIdentity(Pick(Tools), Chance(50) ? Pick(Tools) : null, Chance(50) ? Digest.Of("x"u8) : default)
            : null;
        var principal = new Principal(AgentId.Parse(Pick("agent-1", "agent-2", "agent-3")), Chance(50) ? Pick("a", "ab") : null, Chance(50) ? "b" : null);
        var template = new ActionTemplate(point, Pick("execute_tool", "chat"), principal, tool, Pick("a", "mcp"));
        bool after = Chance(25);
        return new PolicyCase(template, after ? point.ResultPoint() : point)
        {
            Payload = Chance(5) ? default : Chance(10) ? GovernedValue.FromJson(Json(0)) : GovernedValue.FromJson(Map(0)),
            Output = after ? GovernedValue.FromJson(Json(0)) : default,
            Facets = Chance(60) ? default : GovernedValue.FromJson(Map(1)),
            Session = Chance(30) ? null : new PolicySessionFacts
            {
                Id = "ab",
                ToolCalls = _random.Next(3),
                ModelCalls = _random.Next(3),
                Tokens = _random.Next(3),
                Labels = new HashSet<string>(Chance(50) ? [] : ["a", "ab", "é"]),
            },
            IsVerified = Chance(50),
            TrustScore = Chance(50) ? null : _random.Next(3),
        };
    }

    private PolicyDocument Document(int index) => new($"policy-{index}", "random", Digest.Of([(byte)index]))
    {
        Agents = _random.Next(5) switch { 0 => ["agent-1"], 1 => ["agent-1", "agent-2"], 2 => ["agent-3", "*"], _ => [] },
        DefaultAllows = Chance(50),
        ToolAllowlist = Chance(15) ? [Pick(Tools), Pick(Tools), Pick(Tools), Pick(Tools)] : null,
        Rules = [.. Enumerable.Range(0, _random.Next(8)).Select(Rule)],
    };

    private PolicyRule Rule(int index)
    {
        RuleEffect effect = Pick(Enum.GetValues<RuleEffect>());
        InterventionPoint point = Pick(InterventionPoint.PreToolCall, InterventionPoint.PreToolCall, InterventionPoint.PreToolCall, Pick(Enum.GetValues<InterventionPoint>()));
        return new PolicyRule
        {
            Name = $"rule-{index}",
            Position = default,
            Condition = Condition(0),
            Effect = effect,
            Points = Chance(20) ? [InterventionPoint.PreToolCall, InterventionPoint.PostToolCall] : [point],
            Priority = _random.Next(3),
            Enabled = !Chance(10),
            Limit = effect == RuleEffect.RateLimit ? new RateLimit(5, TimeSpan.FromSeconds(1)) : null,
            Approvers = effect == RuleEffect.RequireApproval ? [$"approver-{index}"] : [],
            Patches = effect == RuleEffect.Transform ? [Patch.Remove(PatchPath.Parse($"args.p{index}")), Patch.Set(PatchPath.Parse("args.q"), GovernedValue.From(index))] : [],
        };
    }

    private ConditionNode Condition(int depth)
    {
        int kind = _random.Next(depth > 3 ? 7 : 12);
        switch (kind)
        {
            case 0:
                return Comparison(depth);
            case 1:
                return new MembershipNode(0, Operand(depth), [.. Enumerable.Range(0, _random.Next(12)).Select(_ => Scalar())], Chance(40));
            case 2:
                return new PathMembershipNode(0, Operand(depth), Path(), Chance(40));
            case 3:
                return new TextTestNode(0, Pick(Enum.GetValues<TextOperator>()), Operand(depth), Chance(80) ? Literal() : Operand(depth));
            case 4:
                bool glob = Chance(50);
                return _patterns.Node(0, 0, Operand(depth), glob ? Pick(Globs) : Pick(Patterns), glob, ConditionLimits.Default);
            case 5:
                return Chance(50) ? new NullTestNode(0, Operand(depth), Chance(50)) : new CallNode(0, ConditionFunction.Has, Path());
            case 6:
                return Chance(50) ? Tool() : Chance(50) ? Path() : new LiteralNode(0, GovernedValue.From(Chance(70)));
            case 7:
                return new NotNode(0, Condition(depth + 1));
            case 8:
                return new PresentNode(Path().Path, Condition(depth + 1));
            case 9:
                return new OrNode(0, Conditions(depth));
            default:
                return new AndNode(0, Conditions(depth));
        }
    }

    private ConditionNode[] Conditions(int depth) => [.. Enumerable.Range(0, _random.Next(4)).Select(_ => Condition(depth + 1))];

    private ConditionNode Tool() => _random.Next(4) switch
    {
        0 => _patterns.Node(0, 0, PathOf("tool_name"), Pick(Globs), true, ConditionLimits.Default),
        1 => new TextTestNode(0, TextOperator.StartsWith, PathOf("tool_name"), new LiteralNode(0, GovernedValue.From(Pick("tool_", "shell_", "")))),
        2 => new MembershipNode(0, PathOf("tool"), [GovernedValue.From(Pick(Tools)), GovernedValue.From(Pick(Tools))], Chance(20)),
        _ => new ComparisonNode(0, Pick(ComparisonOperator.Equal, ComparisonOperator.Equal, ComparisonOperator.NotEqual), PathOf("tool_name"), new LiteralNode(0, GovernedValue.From(Pick(Tools)))),
    };

    private ComparisonNode Comparison(int depth)
    {
        ConditionNode left = Operand(depth);
        ConditionNode right = Chance(75) ? Literal() : Operand(depth);
        return Chance(85) ? new ComparisonNode(0, Pick(Enum.GetValues<ComparisonOperator>()), left, right) : new ComparisonNode(0, Pick(Enum.GetValues<ComparisonOperator>()), right, left);
    }

    private ConditionNode Operand(int depth) => _random.Next(20) switch
    {
        0 => Literal(),
        1 => new CallNode(0, Pick(ConditionFunction.Len, ConditionFunction.Lower, ConditionFunction.Upper), Operand(depth + 1)),
        2 when depth < 3 => Condition(depth + 1),
        _ => Path(),
    };

    private PathNode Path() => PathOf(Pick(Paths));

    private PathNode PathOf(string text) => (PathNode)ConditionParser.Parse(text, ConditionLimits.Default, _patterns);

    private LiteralNode Literal() => new(0, Scalar());

    private GovernedValue Scalar() => _random.Next(10) switch
    {
        0 => GovernedValue.Null,
        1 => GovernedValue.From(Chance(50)),
        < 6 => GovernedValue.From(Pick(Texts)),
        _ => GovernedValue.FromNumberText(Pick(Numbers)),
    };

    private string Map(int depth) =>
        "{" + string.Join(',', Pick(["a", "b", "c", "f", "g", "r", "x.y", "value", "agent_id", "tool_name", "point", "0", "absent.more"], 4).Select(name => $"\"{name}\":{Json(depth + 1)}")) + "}";

    private string Json(int depth) => _random.Next(depth > 2 ? 8 : 12) switch
    {
        0 => "null",
        1 => Chance(50) ? "true" : "false",
        < 5 => Pick(Numbers),
        < 9 => System.Text.Json.JsonSerializer.Serialize(Pick(Texts)),
        9 => "[" + string.Join(',', Enumerable.Range(0, _random.Next(4)).Select(_ => Json(depth + 1))) + "]",
        _ => Map(depth + 1),
    };

    private bool Chance(int percent) => _random.Next(100) < percent;

    private T Pick<T>(params T[] items) => items[_random.Next(items.Length)];

    private T[] Pick<T>(T[] items, int most) => [.. items.OrderBy(_ => _random.Next()).Take(_random.Next(most + 1))];
}
