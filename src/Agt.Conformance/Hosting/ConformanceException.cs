namespace Agt.Conformance;

/// <summary>An adapter does not do what a check asks of it. The message says what was expected and what was seen.</summary>
public sealed class ConformanceException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was expected and what was seen.</param>
    public ConformanceException(string message)
        : base(message)
    {
    }
}
