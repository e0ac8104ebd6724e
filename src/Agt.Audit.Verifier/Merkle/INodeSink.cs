namespace Agt.Audit.Merkle;

/// <summary>Takes the hashes of every eighth height of a growing tree: those that tiles are made of.</summary>
internal interface INodeSink
{
    /// <summary>Takes the next hash of a level.</summary>
    /// <param name="level">0 for leaves, 1 for what stands over 256 of them, and so on.</param>
    /// <param name="hash">The hash.</param>
    void Add(int level, LogHash hash);
}
