using System.Globalization;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;

namespace Agt.Audit.Verification;

/// <summary>
/// Verifies a log: hashes every record again, builds the tree again and holds it against a checkpoint that the caller trusts. Needs no network and changes nothing.
/// </summary>
/// <remarks>Use one for one log; not thread-safe.</remarks>
/// <param name="store">The log.</param>
/// <param name="trust">Whose checkpoints are believed.</param>
public sealed class LogVerifier(IAuditStore store, TrustPolicy trust)
{
    private const int CheckEvery = 4_096;

    /// <summary>A checkpoint that the log must have grown from, for example the one of the last audit; records it covers are not read again. Null to read everything.</summary>
    public SignedCheckpoint? Since { get; init; }

    /// <summary>Called now and then with the number of records verified so far.</summary>
    public Action<long>? Progress { get; init; }

    /// <summary>Verifies the log.</summary>
    /// <param name="cancellationToken">Ends the work early.</param>
    public LogVerification Verify(CancellationToken cancellationToken = default)
    {
        var findings = new FindingCollector();
        if (!SignedCheckpoint.TryParse(store.ReadCheckpoint().Span, out SignedCheckpoint? checkpoint, out string? error))
        {
            return Failed(0, MerkleTree.EmptyRoot, null, "The log has no checkpoint that can be read: " + error, null, findings);
        }

        Checkpoint latest = checkpoint.Checkpoint;
        bool trusted = trust.IsSatisfiedBy(checkpoint, out string? distrust);
        if (!trust.RequiresWitnesses)
        {
            findings.Add("unwitnessed", -1, "info", "No witness vouches for the checkpoint: whoever has the log's key could show others another log.");
        }

        var tree = new CompactRange();
        var tiles = new TileTree(store, keptTiles: 4);
        long first = 0;
        if (Since?.Checkpoint is { } since)
        {
            if (!trust.IsSatisfiedBy(Since, out string? sinceError))
            {
                return Failed(0, MerkleTree.EmptyRoot, null, "The checkpoint to start from is not trusted: " + sinceError, checkpoint, findings);
            }

            if (since.Origin != latest.Origin || since.Size > latest.Size || since.Size > store.Size || TryRoot(tiles, since.Size) != since.Root)
            {
                return Failed(0, MerkleTree.EmptyRoot, null, $"The log did not grow from the checkpoint of {since.Size} records: it was cut off, rewritten or is another one.", checkpoint, findings);
            }

            tree = tiles.Frontier(since.Size);
            first = since.Size;
        }

        if (store.First > first)
        {
            // What was purged is vouched for by its hashes, which the checkpoint's root is made of with those of the rest.
            if (TryFrontier(tiles, store.First) is not { } frontier)
            {
                return Failed(0, MerkleTree.EmptyRoot, null, $"The first {store.First} records were purged, and their hashes are missing.", checkpoint, findings);
            }

            tree = frontier;
            first = store.First;
        }

        if (store.Size < latest.Size)
        {
            findings.Add("truncated", store.Size, "critical", $"The log has {store.Size} records; its checkpoint says {latest.Size}.");
        }

        return Read(tree, first, checkpoint, trusted, distrust, findings, cancellationToken);
    }

    private static LogVerification Failed(long verified, LogHash root, long? index, string error, SignedCheckpoint? checkpoint, FindingCollector findings, bool trusted = false) =>
        new(false, verified, root, index, error, trusted, checkpoint, findings.All, findings.Count);

    private static CompactRange? TryFrontier(TileTree tiles, long size)
    {
        try
        {
            return tiles.Frontier(size);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static LogHash? TryRoot(TileTree tiles, long size)
    {
        try
        {
            return tiles.Root(size);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private LogVerification Read(CompactRange tree, long first, SignedCheckpoint checkpoint, bool trusted, string? distrust, FindingCollector findings, CancellationToken cancellationToken)
    {
        Checkpoint latest = checkpoint.Checkpoint;
        var content = new ContentChecks(findings, first > 0);
        LogHash? rootAtCheckpoint = tree.Size == latest.Size ? tree.Root : null;
        long? differs = null;
        LogHash[] tile = new LogHash[TilePath.FullWidth];
        try
        {
            foreach (ReadOnlyMemory<byte> leaf in store.ReadLeaves(first, long.MaxValue - first))
            {
                LogHash hash = MerkleTree.HashLeaf(leaf.Span);
                long index = tree.Size;

                // The hashes kept beside the records tell which one was changed; whether the log is right, its checkpoint alone tells.
                if (differs is null && Kept(tile, index, first) is { } kept && kept != hash)
                {
                    differs = index;
                }

                tree.Append(hash);
                content.Check(index, leaf.Span);
                if (tree.Size == latest.Size)
                {
                    rootAtCheckpoint = tree.Root;
                }

                if (tree.Size % CheckEvery == 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Progress?.Invoke(tree.Size - first);
                }
            }
        }
        catch (InvalidDataException exception)
        {
            return Failed(tree.Size - first, tree.Root, tree.Size, exception.Message, checkpoint, findings, trusted);
        }

        long verified = tree.Size - first;
        Progress?.Invoke(verified);
        content.Finish();
        if (tree.Size < latest.Size)
        {
            return Failed(verified, tree.Root, tree.Size, $"The log has {tree.Size} records; its checkpoint says {latest.Size}: records were cut off.", checkpoint, findings, trusted);
        }

        if (rootAtCheckpoint != latest.Root)
        {
            return Failed(
                verified, tree.Root, differs, differs is { } at
                    ? $"Record {at} is not the one that was signed."
                    : $"The first {latest.Size} records are not those that were signed; the hashes beside them were changed too, so that it cannot be told which.",
                checkpoint, findings, trusted);
        }

        if (store.First > 0)
        {
            if (content.PurgedUpTo < store.First)
            {
                return Failed(verified, tree.Root, null, $"The first {store.First} records are gone, and no record says that they were purged.", checkpoint, findings, trusted);
            }

            findings.Add("purged", store.First - 1, "info", $"The first {store.First} records were purged, as a record of the log says. Their hashes are there: proofs stay as they are.");
        }

        if (tree.Size > latest.Size)
        {
            findings.Add("uncovered", latest.Size, "info", string.Create(CultureInfo.InvariantCulture, $"{tree.Size - latest.Size} records are newer than the latest checkpoint."));
        }

        return new LogVerification(trusted, verified, tree.Root, null, trusted ? null : distrust, trusted, checkpoint, findings.All, findings.Count);
    }

    /// <summary>The hash that is kept of a record; null if it cannot be read.</summary>
    private LogHash? Kept(LogHash[] tile, long index, long first)
    {
        int at = (int)(index % TilePath.FullWidth);
        if (at == 0 || index == first)
        {
            long left = store.Size - (index - at);
            try
            {
                store.ReadTile(new TilePath(0, index / TilePath.FullWidth, (int)Math.Min(left, TilePath.FullWidth)), tile.AsSpan(0, (int)Math.Min(left, TilePath.FullWidth)));
            }
            catch (InvalidDataException)
            {
                Array.Clear(tile);
            }
        }

        return tile[at] == default ? null : tile[at];
    }
}
