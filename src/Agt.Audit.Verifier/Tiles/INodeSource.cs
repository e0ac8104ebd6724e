using Agt.Audit.Merkle;

namespace Agt.Audit.Tiles;

/// <summary>A source of tiles that keeps the nodes between them too, so that a proof needs no hashing.</summary>
internal interface INodeSource
{
    /// <summary>Reads a full node.</summary>
    /// <param name="height">0 for leaves.</param>
    /// <param name="index">Its place among the nodes of its height, from 0.</param>
    /// <exception cref="InvalidDataException">It is missing.</exception>
    LogHash ReadNode(int height, long index);
}
