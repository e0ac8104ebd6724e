using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>One question to a policy engine. Immutable.</summary>
public sealed class AcsPolicyInvocation
{
    internal AcsPolicyInvocation(InterventionPoint point, AcsPolicy policy, string? query, GovernedValue configuration, GovernedValue input, ReadOnlyMemory<byte> canonicalInput)
    {
        Point = point;
        Policy = policy;
        Query = query;
        Configuration = configuration;
        Input = input;
        CanonicalInput = canonicalInput;
    }

    /// <summary>The point.</summary>
    public InterventionPoint Point { get; }

    /// <summary>The policy.</summary>
    public AcsPolicy Policy { get; }

    /// <summary>The query of a Rego policy: that of the point, else that of the policy; null for other types.</summary>
    public string? Query { get; }

    /// <summary>The policy's members but type, adapter and query, with those of the point over them: a JSON object.</summary>
    public GovernedValue Configuration { get; }

    /// <summary>The policy input.</summary>
    public GovernedValue Input { get; }

    /// <summary>Its canonical text, UTF-8.</summary>
    public ReadOnlyMemory<byte> CanonicalInput { get; }
}
