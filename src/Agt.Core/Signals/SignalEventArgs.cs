namespace Agt.Signals;

/// <summary>A signal was sent.</summary>
public sealed class SignalEventArgs : EventArgs
{
    internal SignalEventArgs(string name, SignalTarget target, bool isHandled, DateTimeOffset timestamp)
    {
        Name = name;
        Target = target;
        IsHandled = isHandled;
        Timestamp = timestamp;
    }

    /// <summary>Its name, such as <c>SIGSTOP</c>.</summary>
    public string Name { get; }

    /// <summary>Whom it was for.</summary>
    public SignalTarget Target { get; }

    /// <summary>Whether anybody knew the name. A signal that nobody knows has no effect.</summary>
    public bool IsHandled { get; }

    /// <summary>When (UTC).</summary>
    public DateTimeOffset Timestamp { get; }
}
