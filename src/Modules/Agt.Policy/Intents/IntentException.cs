namespace Agt.Policy.Intents;

/// <summary>An intent cannot be declared or changed like this; nothing has changed.</summary>
public sealed class IntentException : InvalidOperationException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why.</param>
    public IntentException(string message)
        : base(message)
    {
    }
}
