namespace Agt.Policy.Compilation;

/// <summary>The functions that give a value.</summary>
internal enum Function : byte
{
    /// <summary>The number of characters (Unicode scalar values), items or members.</summary>
    Length,

    /// <summary>Lower case, culture-invariant.</summary>
    Lower,

    /// <summary>Upper case, culture-invariant.</summary>
    Upper,
}
