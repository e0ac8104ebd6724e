namespace Agt;

/// <summary>What a tool declares that it does.</summary>
[Flags]
public enum ToolEffects
{
    /// <summary>Nothing declared.</summary>
    None = 0,

    /// <summary>Reads data that may be private.</summary>
    Reads = 1,

    /// <summary>Takes in content from outside, which cannot be trusted.</summary>
    Ingests = 2,

    /// <summary>Sends something out.</summary>
    Egress = 4,

    /// <summary>Changes state.</summary>
    Writes = 8,

    /// <summary>Cannot be undone.</summary>
    Irreversible = 16,
}
