using System.Runtime.InteropServices;

namespace Agt.Chain;

/// <summary>A counter with a cache line of its own.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct Lane
{
    [FieldOffset(64)]
    internal long Count;
}
