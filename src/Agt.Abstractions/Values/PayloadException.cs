namespace Agt.Values;

/// <summary>A payload cannot be taken: malformed, of a type nobody can freeze, or beyond its limits. Adapters turn this into a deny.</summary>
public sealed class PayloadException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="reason">The reserved reason of the deny.</param>
    /// <param name="message">What is wrong, without any value of the payload.</param>
    /// <param name="inner">The cause, if any.</param>
    public PayloadException(ReasonCode reason, string message, Exception? inner = null)
        : base(message, inner) => Reason = reason;

    /// <summary>The reserved reason of the deny.</summary>
    public ReasonCode Reason { get; }
}
