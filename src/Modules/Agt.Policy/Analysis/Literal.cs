using Agt.Policy.Compilation;

namespace Agt.Policy.Analysis;

/// <summary>One elementary test that must hold, or must not.</summary>
internal readonly record struct Literal(Test Test, bool Holds);
