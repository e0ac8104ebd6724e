using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;

namespace Agt.Cli.Audit.Service;

/// <summary>A log in the form of C2SP tlog-tiles, file by file, as far as its latest checkpoint covers it.</summary>
internal static class LogFiles
{
    /// <summary>Reads a file; null if there is none of that name.</summary>
    internal static byte[]? Read(IAuditStore store, string path)
    {
        ReadOnlyMemory<byte> note = store.ReadCheckpoint();
        if (path == "checkpoint")
        {
            return note.ToArray();
        }

        if (!TilePath.TryParse(path, out TilePath tile) || !SignedCheckpoint.TryParse(note.Span, out SignedCheckpoint? checkpoint, out _))
        {
            return null;
        }

        // Only what the checkpoint covers; a partial tile that has become full meanwhile is still there, as the standard wants it.
        long available = tile.IsEntries ? checkpoint.Checkpoint.Size : tile.Level > 7 ? 0 : checkpoint.Checkpoint.Size >> (8 * tile.Level);
        if (tile.Index > available / TilePath.FullWidth || (tile.Index * TilePath.FullWidth) + tile.Width > available)
        {
            return null;
        }

        if (tile.IsEntries)
        {
            if (tile.Index * TilePath.FullWidth < store.First)
            {
                return null;
            }

            var bundle = new System.Buffers.ArrayBufferWriter<byte>();
            foreach (ReadOnlyMemory<byte> leaf in store.ReadLeaves(tile.Index * TilePath.FullWidth, tile.Width))
            {
                EntryBundle.Write(bundle, leaf.Span);
            }

            return bundle.WrittenSpan.ToArray();
        }

        var hashes = new LogHash[tile.Width];
        store.ReadTile(tile, hashes);
        byte[] bytes = new byte[tile.Width * LogHash.Size];
        for (int i = 0; i < hashes.Length; i++)
        {
            hashes[i].CopyTo(bytes.AsSpan(i * LogHash.Size));
        }

        return bytes;
    }
}
