using Agt.Audit.Merkle;

namespace Agt.Audit.Tiles;

/// <summary>Where the hashes of a log are read from, a tile at a time. Implementations are safe for concurrent readers.</summary>
public interface ITileSource
{
    /// <summary>Reads the hashes of a tile.</summary>
    /// <param name="path">Which tile, and how many of its hashes there are at least.</param>
    /// <param name="hashes">Room for <see cref="TilePath.Width"/> hashes.</param>
    /// <exception cref="InvalidDataException">The tile is missing or malformed.</exception>
    void ReadTile(TilePath path, Span<LogHash> hashes);
}
