using Agt.Audit.Merkle;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;
using SQLitePCL;

namespace Agt.Storage.Sqlite;

/// <summary>Puts batches into the database, each in a transaction with its hashes.</summary>
/// <remarks>For one thread at a time.</remarks>
internal sealed class SqliteWriter(SqliteDatabase database)
{
    private readonly SqliteStatement _begin = database.Prepare("BEGIN IMMEDIATE");
    private readonly SqliteStatement _commit = database.Prepare("COMMIT");
    private readonly SqliteStatement _entry = database.Prepare("INSERT INTO entries(idx, leaf) VALUES(?1, ?2)");
    private readonly SqliteStatement _tile = database.Prepare("INSERT INTO tiles(level, tile, hashes) VALUES(?1, ?2, ?3) ON CONFLICT(level, tile) DO UPDATE SET hashes = excluded.hashes");
    private readonly SqliteStatement _readTile = database.Prepare("SELECT hashes FROM tiles WHERE level = ?1 AND tile = ?2");
    private readonly SqliteStatement _checkpoint = database.Prepare("INSERT INTO checkpoint(id, note) VALUES(0, ?1) ON CONFLICT(id) DO UPDATE SET note = excluded.note");
    private readonly SqliteIndexer _indexer = new(database);
    private readonly byte[] _hashes = new byte[TilePath.FullWidth * LogHash.Size];

    internal void Append(AuditBatch batch)
    {
        _begin.Run();
        try
        {
            Insert(batch);
            _commit.Run();
        }
        catch
        {
            // Some failures roll back by themselves. What cannot be rolled back is not seen by anybody, and refuses the next beginning.
            _indexer.Forget();
            if (raw.sqlite3_get_autocommit(database.Handle) == 0)
            {
                _ = raw.sqlite3_exec(database.Handle, "ROLLBACK");
            }

            throw;
        }
    }

    internal void WriteCheckpoint(ReadOnlySpan<byte> note)
    {
        _checkpoint.Bind(1, note);
        _checkpoint.Run();
    }

    /// <summary>Removes leaves before a place and what the index says of them; their hashes stay. The trigger that refuses to delete is away within the transaction only.</summary>
    internal void Purge(long first)
    {
        string before = first.ToString(System.Globalization.CultureInfo.InvariantCulture);
        _indexer.Forget();
        SqliteSchema.Run(
            database.Handle,
            $"""
            BEGIN IMMEDIATE;
            DROP TRIGGER entries_no_delete;
            DELETE FROM entries WHERE idx < {before};
            {SqliteSchema.NoDelete}
            DELETE FROM facts WHERE idx < {before};
            DELETE FROM ids WHERE idx < {before};
            DELETE FROM decisions WHERE idx < {before};
            DELETE FROM spans WHERE level = 0 AND block < {before} / 256;
            UPDATE indexed SET size = max(size, {before});
            COMMIT
            """);
    }

    private void Insert(AuditBatch batch)
    {
        for (int i = 0; i < batch.Count; i++)
        {
            _entry.Bind(1, batch.FirstIndex + i).Bind(2, batch.Leaf(i)).Run();
        }

        PutTiles(batch.TileHashes);
        _indexer.CatchUp(batch.FirstIndex + batch.Count);
    }

    private void PutTiles(IReadOnlyList<TileHash> hashes)
    {
        for (int level = 0; level < 8; level++)
        {
            long tile = -1;
            int filled = 0;
            foreach (TileHash hash in hashes)
            {
                if (hash.Level != level)
                {
                    continue;
                }

                if (hash.Index / TilePath.FullWidth != tile)
                {
                    Put();
                    tile = hash.Index / TilePath.FullWidth;
                    filled = Load(level, tile);
                    if (filled != hash.Index % TilePath.FullWidth)
                    {
                        throw new AuditStoreException(AuditStoreProblem.Tampered, $"The tile {tile} of level {level} has {filled} hashes, not {hash.Index % TilePath.FullWidth}: somebody has changed it.");
                    }
                }

                hash.Hash.CopyTo(_hashes.AsSpan(filled++ * LogHash.Size));
            }

            Put();
            if (tile < 0)
            {
                // Whatever has no hash of this level has none of those above.
                return;
            }

            void Put()
            {
                if (tile >= 0)
                {
                    _tile.Bind(1, level).Bind(2, tile).Bind(3, _hashes.AsSpan(0, filled * LogHash.Size)).Run();
                }
            }
        }
    }

    private int Load(int level, long tile)
    {
        _readTile.Bind(1, level).Bind(2, tile);
        try
        {
            ReadOnlySpan<byte> bytes = _readTile.Step() ? _readTile.ReadBytes(0) : default;
            if (bytes.Length > _hashes.Length || bytes.Length % LogHash.Size != 0)
            {
                throw new AuditStoreException(AuditStoreProblem.Tampered, $"The tile {tile} of level {level} has {bytes.Length} bytes.");
            }

            bytes.CopyTo(_hashes);
            return bytes.Length / LogHash.Size;
        }
        finally
        {
            _readTile.Reset();
        }
    }
}
