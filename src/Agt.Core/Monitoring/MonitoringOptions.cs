namespace Agt.Monitoring;

/// <summary>What the monitor keeps. Not thread-safe; settled before the host starts.</summary>
public sealed class MonitoringOptions
{
    /// <summary>How many entries of the audit log and how many violations are kept, 1 to 1,000,000. Default 1,000. The decision log keeps its own.</summary>
    public int Capacity { get; set; } = 1_000;

    /// <summary>Whether allowed actions are kept as well as denied ones. Default true.</summary>
    public bool LogAllCalls { get; set; } = true;
}
