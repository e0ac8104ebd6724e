namespace Agt.Policy.Folders;

/// <summary>Counts the changes that were noticed in a watched tree, for all sets that sessions still hold. Thread-safe.</summary>
internal sealed class FolderEpoch
{
    private long _value;

    internal long Value => Volatile.Read(ref _value);

    internal void Next() => Interlocked.Increment(ref _value);
}
