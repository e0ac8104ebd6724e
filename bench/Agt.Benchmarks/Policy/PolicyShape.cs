namespace Agt.Benchmarks.Policy;

/// <summary>What the rules of a benchmark look like.</summary>
public enum PolicyShape
{
    /// <summary>Each about one tool, by name, and an amount.</summary>
    LiteralTool,

    /// <summary>Each about the tools whose name begins in some way, and an amount.</summary>
    WildcardTool,

    /// <summary>Each about one tool, an amount and a currency.</summary>
    ThreeTerms,

    /// <summary>About a number among the arguments alone: every rule is tested on every call.</summary>
    ArgumentsOnly,

    /// <summary>About a text among the arguments alone.</summary>
    ArgumentText,
}
