namespace Agt.Policy.Labels;

/// <summary>Restrictions that <see cref="ContextRules.Next"/> knows (spec 01, POL-247).</summary>
public static class ContextRestrictions
{
    /// <summary>Nothing of it may be exported.</summary>
    public const string NoExternalExport = "no_external_export";

    /// <summary>It may not be delegated to others.</summary>
    public const string NoExternalDelegation = "no_external_delegation";

    /// <summary>It may not be written into a memory.</summary>
    public const string NoMemoryWrite = "no_memory_write";
}
