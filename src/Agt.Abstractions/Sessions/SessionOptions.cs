namespace Agt;

/// <summary>How a session is opened.</summary>
public sealed record SessionOptions
{
    /// <summary>The host's own id; null makes one.</summary>
    public SessionId? Id { get; init; }

    /// <summary>Bounds for this session; they tighten those of the options and the policy, never loosen them.</summary>
    public SessionLimits? Limits { get; init; }

    /// <summary>True to decide each action by the policy that is current then; false (default) to keep the policy the session began with.</summary>
    public bool LivePolicy { get; init; }

    /// <summary>Labels the session starts with, such as <c>tenant-a</c> or <c>pii</c>.</summary>
    public IReadOnlyCollection<string> Labels { get; init; } = [];
}
