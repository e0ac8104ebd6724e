using Agt.Audit.Merkle;

namespace Agt.Audit.Stores;

/// <summary>A hash that a level of tiles gains.</summary>
/// <param name="Level">The level: 0 for leaves.</param>
/// <param name="Index">Its place in the level, from 0.</param>
/// <param name="Hash">The hash.</param>
public readonly record struct TileHash(int Level, long Index, LogHash Hash);
