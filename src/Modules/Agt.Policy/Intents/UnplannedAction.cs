namespace Agt.Policy.Intents;

/// <summary>What becomes of an intent when something is tried that was not planned. The action itself is denied in any case.</summary>
public enum UnplannedAction
{
    /// <summary>The intent goes on (<c>soft_block</c>).</summary>
    SoftBlock,

    /// <summary>The intent is violated, and with it everything that it planned is over (<c>hard_block</c>).</summary>
    HardBlock,

    /// <summary>The intent rests until it is declared anew and approved again (<c>re_declare</c>).</summary>
    ReDeclare,
}
