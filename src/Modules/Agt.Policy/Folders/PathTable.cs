using System.Collections.Concurrent;

namespace Agt.Policy.Folders;

/// <summary>The chains of paths, as long as nothing changes in the file system. Thread-safe.</summary>
/// <param name="version">Of the file system.</param>
internal sealed class PathTable(long version)
{
    private const int MostPaths = 8_192;
    private const int MostCharacters = 4 * 1_024 * 1_024;

    private readonly ConcurrentDictionary<string, FolderChain> _chains = new(StringComparer.Ordinal);
    private int _count;
    private int _characters;

    internal long Version => version;

    internal int Count => _chains.Count;

    internal FolderChain? Find(ReadOnlySpan<char> path) =>
        _chains.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(path, out FolderChain? chain) ? chain : null;

    /// <summary>Remembers a path; false if there is no more room.</summary>
    internal bool TryAdd(string path, FolderChain chain)
    {
        if (Interlocked.Increment(ref _count) > MostPaths || Interlocked.Add(ref _characters, path.Length) > MostCharacters)
        {
            return false;
        }

        _chains.TryAdd(path, chain);
        return true;
    }
}
