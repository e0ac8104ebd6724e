namespace Agt.Cli.Backtest;

/// <summary>What a decision would be now, beside what it was.</summary>
internal enum Change
{
    /// <summary>The same.</summary>
    Same,

    /// <summary>It was allowed, and would be denied.</summary>
    NewlyDenied,

    /// <summary>It was denied, and would be allowed.</summary>
    NewlyAllowed,

    /// <summary>It was allowed without asking anybody, and a person would be asked; or it was denied, and a person would be.</summary>
    NewlyAsked,

    /// <summary>A person was asked, and nobody would be.</summary>
    NoLongerAsked,
}
