using System.Runtime.InteropServices;

namespace Agt.Policy.Compilation;

/// <summary>One step of a plan: a test that jumps or falls through, or what follows from a rule that matched. 32 bytes.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct Instruction
{
    internal Operation Operation;

    /// <summary>The accepted orders of a comparison; see <see cref="OrderMask"/>.</summary>
    internal byte Mask;

    /// <summary>A test that comes to this jumps; else the next instruction follows.</summary>
    internal bool JumpWhen;

    /// <summary>The field that is tested.</summary>
    internal int Slot;

    /// <summary>Where to jump.</summary>
    internal int Target;

    /// <summary>What to compare with <see cref="Slot.Number"/>.</summary>
    internal long Number;

    /// <summary>A text, set, pattern, test or rule.</summary>
    internal object? Reference;
}
