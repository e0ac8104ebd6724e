using Agt.Policy.Schemas;

namespace Agt.Policy.Capabilities;

/// <summary>A capability that somebody gave to an agent, or, as a denial, took from it (spec 01, POL-193 to POL-197). Immutable.</summary>
public sealed record CapabilityGrant
{
    /// <summary>Names the grant.</summary>
    public string Id { get; init; } = Guid.CreateVersion7().ToString("N");

    /// <summary>What.</summary>
    public required Capability Capability { get; init; }

    /// <summary>To whom.</summary>
    public required AgentId Grantee { get; init; }

    /// <summary>By whom.</summary>
    public required string Grantor { get; init; }

    /// <summary>Until when (UTC); null for no end.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The resources it is for; a request must name one of them. Null for all, and then none need be named.</summary>
    public IReadOnlySet<string>? ResourceIds { get; init; }

    /// <summary>What must hold of the call, in the language of policy conditions, such as <c>args.amount &lt;= 100</c>; null for nothing. An argument that it needs and that is missing fails it.</summary>
    public string? Condition { get; init; }

    /// <summary>What the arguments must look like; null for anything. Every argument that its <c>properties</c> name and ask something of must be there, whether <c>required</c> names it or not.</summary>
    public ArgumentSchema? Arguments { get; init; }
}
