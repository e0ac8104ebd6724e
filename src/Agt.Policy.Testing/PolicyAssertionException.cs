namespace Agt.Policy.Testing;

/// <summary>A policy did not decide as a test says it should.</summary>
public sealed class PolicyAssertionException : Exception
{
    /// <summary>Says what should have been, and what was.</summary>
    public PolicyAssertionException(string message)
        : base(message)
    {
    }

    /// <summary>Says what should have been, and what was.</summary>
    public PolicyAssertionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>A failed assertion.</summary>
    public PolicyAssertionException()
    {
    }
}
