namespace Agt.Policy.Intents;

/// <summary>How an intent is declared.</summary>
public sealed record IntentOptions
{
    /// <summary>What becomes of it when something is tried that was not planned. Default <see cref="UnplannedAction.SoftBlock"/>.</summary>
    public UnplannedAction Unplanned { get; init; }

    /// <summary>How long it may take, more than zero and at most a day. Default one hour. A child ends with its parent at the latest.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The intent that this one is part of: it can only narrow that one. Null for none.</summary>
    public DeclaredIntent? Parent { get; init; }
}
