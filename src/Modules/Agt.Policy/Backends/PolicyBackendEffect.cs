namespace Agt.Policy.Backends;

/// <summary>What an engine wants done with what it permits.</summary>
public enum PolicyBackendEffect
{
    /// <summary>Nothing more.</summary>
    Allow,

    /// <summary>It is to be recorded.</summary>
    Audit,

    /// <summary>Somebody should know.</summary>
    Warn,

    /// <summary>It is to be changed.</summary>
    Transform,

    /// <summary>A person decides.</summary>
    RequireApproval,
}
