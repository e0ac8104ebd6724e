namespace Agt.Audit.Stores;

/// <summary>A log cannot be opened, or is not what it was. The message says what is wrong and what to do.</summary>
public sealed class AuditStoreException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="problem">What is wrong.</param>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="inner">What it comes from, or null.</param>
    public AuditStoreException(AuditStoreProblem problem, string message, Exception? inner = null)
        : base(message, inner) => Problem = problem;

    /// <summary>What is wrong.</summary>
    public AuditStoreProblem Problem { get; }
}
