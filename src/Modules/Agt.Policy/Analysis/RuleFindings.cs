using Agt.Policy.Compilation;

namespace Agt.Policy.Analysis;

/// <summary>What a rule shows by itself.</summary>
internal static class RuleFindings
{
    internal static void Add(AnalyzedRule rule, List<PolicyDiagnostic> found)
    {
        if (!rule.CanHold)
        {
            found.Add(rule.Warn("AGTP200", "never applies: its condition contradicts itself.", "Correct the condition, or remove the rule."));
        }
        else if (rule.Rule.Effect == RuleEffect.Allow && rule.Document.DefaultAllows)
        {
            found.Add(rule.Warn("AGTP205", "changes nothing: what no rule matches is allowed already.", "Set default_action: deny, or remove the rule."));
        }
        else if (rule.Rule.Effect == RuleEffect.Allow && rule.Point == InterventionPoint.PreToolCall && IsTooBroad(rule))
        {
            found.Add(rule.Warn(
                "AGTP206", rule.AlwaysHolds ? "allows every tool." : "allows tools that it does not name.", "Name the tools: tool_name in ['...'], or tool_name like 'prefix.*'."));
        }
        else if (rule.Rule.Effect == RuleEffect.Deny && rule.AlwaysHolds)
        {
            found.Add(rule.Warn("AGTP207", "denies everything at its stage.", "Say what it is about, if that is not what you mean."));
        }
    }

    /// <summary>Whether some way to meet the condition says nothing of which tool it is.</summary>
    private static bool IsTooBroad(AnalyzedRule rule) =>
        NormalForm.Of(rule.Condition, true) is { } alternatives
        && alternatives.Exists(alternative => Consistency.IsPossible(alternative) && !Array.Exists(alternative, NamesTool));

    private static bool NamesTool(Literal literal)
    {
        if (!literal.Holds || Path(literal.Test.Left)?.Root is not (FieldRoot.ToolName or FieldRoot.ToolHash or FieldRoot.ActionType or FieldRoot.Operation))
        {
            return false;
        }

        return literal.Test.Kind switch
        {
            TestKind.Equal or TestKind.InSet or TestKind.InList => true,
            TestKind.Like => literal.Test.Glob!.Pattern.AsSpan().ContainsAnyExcept("*?"),
            TestKind.StartsWith or TestKind.EndsWith or TestKind.Contains => literal.Test.Right is not LiteralOperand text || text.Value.AsString() is { Length: > 0 },
            TestKind.Matches => true,
            _ => false,
        };
    }

    private static FieldPath? Path(Operand operand) => operand switch
    {
        PathOperand path => path.Path,
        CallOperand call => Path(call.Argument),
        _ => null,
    };
}
