namespace Agt.Compliance.Packs;

/// <summary>What a check can ask of a log as a whole.</summary>
public enum LogFact
{
    /// <summary>Every record was hashed again and is the one that was signed.</summary>
    Verified,

    /// <summary>Witnesses that the reader trusts have cosigned the checkpoint.</summary>
    Witnessed,

    /// <summary>The log reaches back so many days.</summary>
    CoversDays,
}
