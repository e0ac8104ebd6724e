namespace Agt.Policy.BreakGlass;

/// <summary>A grant was not accepted; the message says why.</summary>
public sealed class BreakGlassException : Exception
{
    /// <summary>Says why.</summary>
    public BreakGlassException(string message)
        : base(message)
    {
    }

    /// <summary>Says why.</summary>
    public BreakGlassException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>A grant was not accepted.</summary>
    public BreakGlassException()
    {
    }
}
