using System.Runtime.CompilerServices;

namespace Agt.Policy.Compilation;

/// <summary>Room for a few slots on the stack.</summary>
[InlineArray(4)]
internal struct FewSlots
{
    private Slot _first;
}

/// <summary>Room for some slots on the stack.</summary>
[InlineArray(16)]
internal struct SomeSlots
{
    private Slot _first;
}
