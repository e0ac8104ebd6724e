namespace Agt;

/// <summary>What a <see cref="Patch"/> does.</summary>
public enum PatchKind
{
    /// <summary>Puts a value there.</summary>
    Set,

    /// <summary>Takes a value away.</summary>
    Remove,

    /// <summary>Replaces text.</summary>
    Redact,
}
