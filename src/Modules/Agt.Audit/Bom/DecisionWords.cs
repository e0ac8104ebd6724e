namespace Agt.Audit.Bom;

/// <summary>The words that systems have for decisions, as the four of Agt (spec 09, AUD-120). A word that nobody knows is a denial.</summary>
public static class DecisionWords
{
    /// <summary>Reads a word.</summary>
    /// <param name="word">The word; case does not matter.</param>
    /// <returns><c>allow</c>, <c>warn</c>, <c>escalate</c> or <c>deny</c>.</returns>
    public static string Normalize(string word) => IsKnown(word, out string outcome) ? outcome : "deny";

    /// <summary>Reads a word.</summary>
    /// <param name="word">The word; case does not matter.</param>
    /// <param name="outcome"><c>allow</c>, <c>warn</c>, <c>escalate</c> or <c>deny</c>.</param>
    /// <returns>Whether it is a word for a decision.</returns>
    public static bool IsKnown(string word, out string outcome)
    {
        ArgumentNullException.ThrowIfNull(word);
        outcome = word.Trim().ToLowerInvariant() switch
        {
            "allow" or "allowed" or "permit" or "transform" => "allow",
            "warn" or "audit" or "alert" or "log" => "warn",
            "escalate" or "require_approval" => "escalate",
            "deny" or "denied" or "block" or "blocked" or "rate_limit" or "timeout" or "error" => "deny",
            _ => string.Empty,
        };
        if (outcome.Length > 0)
        {
            return true;
        }

        outcome = "deny";
        return false;
    }
}
