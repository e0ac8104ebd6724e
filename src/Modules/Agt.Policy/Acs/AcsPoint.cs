using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>What a manifest says of one point. Immutable.</summary>
public sealed class AcsPoint
{
    internal AcsPoint(InterventionPoint point, AcsPath target, string? kind, AcsPath? toolName, AcsPolicy policy, string? query, GovernedValue configuration, AcsAnnotation[] annotations)
    {
        Point = point;
        Target = target;
        PolicyTargetKind = kind;
        ToolName = toolName;
        Policy = policy;
        Query = query;
        Configuration = configuration;
        Bindings = annotations;
    }

    /// <summary>The point.</summary>
    public InterventionPoint Point { get; }

    /// <summary>The path of the policy target, as written.</summary>
    public string PolicyTarget => Target.Text;

    /// <summary>What the policy target is called, or null.</summary>
    public string? PolicyTargetKind { get; }

    /// <summary>The path of the tool's name, as written, or null.</summary>
    public string? ToolNameFrom => ToolName?.Text;

    /// <summary>The policy that decides.</summary>
    public AcsPolicy Policy { get; }

    /// <summary>The names of its annotators, in the order in which they are asked (ordinal).</summary>
    public IEnumerable<string> Annotators => Bindings.Select(binding => binding.Name);

    internal AcsPath Target { get; }

    internal AcsPath? ToolName { get; }

    internal string? Query { get; }

    internal GovernedValue Configuration { get; }

    internal AcsAnnotation[] Bindings { get; }
}

/// <summary>One annotator at one point.</summary>
internal sealed record AcsAnnotation(string Name, string Type, AcsPath From, GovernedValue Configuration);
