namespace Agt.Audit.Merkle;

/// <summary>Takes every node of a growing tree as it becomes full.</summary>
internal interface INodeSink
{
    /// <summary>Takes the next node of a height.</summary>
    /// <param name="height">0 for leaves, 1 for what stands over two of them, and so on.</param>
    /// <param name="index">Its place among the nodes of its height, from 0.</param>
    /// <param name="hash">The hash.</param>
    void Add(int height, long index, LogHash hash);
}
