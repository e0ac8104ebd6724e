using Agt.Values;

namespace Agt.Policy.Compilation;

/// <summary>What the session and the identity stage answer.</summary>
internal static class SessionFields
{
    internal static GovernedValue Read(FieldRoot root, ref readonly PolicyInput input)
    {
        switch (root)
        {
            case FieldRoot.TrustScore:
                return input.TrustScore is { } score ? GovernedValue.From(score) : default;
            case FieldRoot.Verified:
                return GovernedValue.From(input.IsPrincipalVerified);
            case FieldRoot.Labels:
                return Labels(input.Labels);
            default:
                return input.Session is { } session ? Read(root, session) : input.SessionFacts is { } facts ? Read(root, facts) : default;
        }
    }

    /// <summary>Read anew each time: it may have risen since.</summary>
    internal static GovernedValue Read(SessionAttributeDefinition attribute, ref readonly PolicyInput input)
    {
        if (input.Session is { } session)
        {
            return GovernedValue.From(session.GetAttribute(attribute));
        }

        return GovernedValue.From(
            input.SessionFacts is null || !input.SessionFacts.Attributes.TryGetValue(attribute.Name, out string? value) ? attribute.Initial : attribute.IndexOf(value) < 0 ? attribute.Highest : value);
    }

    private static GovernedValue Read(FieldRoot root, GovernanceSession session) => root switch
    {
        FieldRoot.SessionId => GovernedValue.From(session.Id.Value),
        FieldRoot.ToolCalls => GovernedValue.From(session.ToolCalls),
        FieldRoot.ModelCalls => GovernedValue.From(session.ModelCalls),
        FieldRoot.Tokens => GovernedValue.From(session.Tokens),
        _ => default,
    };

    private static GovernedValue Read(FieldRoot root, PolicySessionFacts facts) => root switch
    {
        FieldRoot.SessionId => facts.Id is null ? default : GovernedValue.From(facts.Id),
        FieldRoot.ToolCalls => GovernedValue.From(facts.ToolCalls),
        FieldRoot.ModelCalls => GovernedValue.From(facts.ModelCalls),
        FieldRoot.Tokens => GovernedValue.From(facts.Tokens),
        _ => default,
    };

    private static GovernedValue Labels(IReadOnlySet<string>? labels)
    {
        if (labels is null)
        {
            return default;
        }

        var arena = new ValueArena(PayloadLimits.Default);
        arena.BeginList();
        foreach (string label in labels.Order(StringComparer.Ordinal))
        {
            arena.Write(GovernedValue.From(label));
        }

        return arena.End();
    }
}
