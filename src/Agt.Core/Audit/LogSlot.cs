namespace Agt.Audit;

/// <summary>A place in a ring. The version is the place it holds and one, 0 when it is empty, -1 while it is written.</summary>
internal struct LogSlot
{
    internal long Version;
    internal LogEntry Entry;
}
