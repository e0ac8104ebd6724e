using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>One question to an annotator. Immutable.</summary>
public sealed class AcsAnnotatorInvocation
{
    internal AcsAnnotatorInvocation(InterventionPoint point, string name, string type, GovernedValue configuration, GovernedValue value, GovernedValue input)
    {
        Point = point;
        Name = name;
        Type = type;
        Configuration = configuration;
        Value = value;
        Input = input;
    }

    /// <summary>The point.</summary>
    public InterventionPoint Point { get; }

    /// <summary>The annotator's name in the manifest.</summary>
    public string Name { get; }

    /// <summary><c>classifier</c>, <c>llm</c> or <c>endpoint</c>.</summary>
    public string Type { get; }

    /// <summary>Its declaration but the type, with the members of the point over it: a JSON object.</summary>
    public GovernedValue Configuration { get; }

    /// <summary>What the path <c>from</c> leads to: what is to be judged.</summary>
    public GovernedValue Value { get; }

    /// <summary>The preliminary policy input; its annotations are empty.</summary>
    public GovernedValue Input { get; }
}
