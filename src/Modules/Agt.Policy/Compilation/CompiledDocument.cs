using System.Collections.Frozen;

namespace Agt.Policy.Compilation;

/// <summary>What a plan needs of a document beside its rules. Immutable.</summary>
internal sealed class CompiledDocument
{
    /// <summary>The agents it applies to; null for all.</summary>
    internal required FrozenSet<string>? Agents { get; init; }

    /// <summary>The only tools it lets run; null for no such list.</summary>
    internal required FrozenSet<string>? Tools { get; init; }

    /// <summary>What it says of an action that no rule matched.</summary>
    internal required Verdict Default { get; init; }

    /// <summary>Whether it stands in a chain of folders, whose last document alone says the default (POL-117).</summary>
    internal required bool IsInChain { get; init; }

    /// <summary>What it says of a tool that is not on its list.</summary>
    internal required Verdict ToolNotListed { get; init; }
}
