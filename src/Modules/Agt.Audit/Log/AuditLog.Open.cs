using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Records;
using Agt.Audit.Sealing;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agt.Audit;

/// <content>Opening a log: what is there must be what was signed, before anything is added to it.</content>
public sealed partial class AuditLog
{
    /// <summary>Opens a log as a host does: the store, the key and what lies beside them are those of the options; a new log gets a new key.</summary>
    /// <param name="options">Where the log is and how it is kept.</param>
    /// <param name="time">The clock; null for that of the system.</param>
    /// <param name="logger">Where notices and failures are told; null for nowhere.</param>
    /// <exception cref="AuditStoreException">The log is not what its checkpoints say, is in use, or its key is missing. Nothing was changed.</exception>
    public static AuditLog Open(AuditOptions options, TimeProvider? time = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return AuditLogFactory.Open(options, time ?? TimeProvider.System, logger ?? NullLogger.Instance);
    }

    /// <summary>Opens a log, or makes a new one in an empty store.</summary>
    /// <param name="store">Where its records lie. The log owns it from now on, also when it cannot be opened.</param>
    /// <param name="signer">Who signs its checkpoints; the name of the key is the origin of the log. The caller disposes it, after the log.</param>
    /// <param name="options">How it is kept; <see cref="AuditOptions.Directory"/>, <see cref="AuditOptions.Origin"/> and <see cref="AuditOptions.KeyFile"/> are those of the store and the signer. Null for the defaults.</param>
    /// <param name="time">The clock; null for that of the system.</param>
    /// <param name="logger">Where failures are told; null for nowhere.</param>
    /// <exception cref="AuditStoreException">The log is not what its checkpoints say. Nothing was changed.</exception>
    public static AuditLog Open(IAuditStore store, IAuditSigner signer, AuditOptions? options = null, TimeProvider? time = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(signer);
        options ??= new AuditOptions();
        options.Check();
        time ??= TimeProvider.System;
        Vault? vault = null;
        AuditLog? log = null;
        try
        {
            var tiles = new TileTree(store);
            CheckpointFile? copy = options.CheckpointCopy is { } path ? new CheckpointFile(path) : null;
            SignedCheckpoint? checkpoint = Latest(store, signer.Key);
            Require(checkpoint, copy?.Read(signer.Key), copy, store, tiles);
            vault = options.Context == ContextCapture.Sealed || (options.Context == ContextCapture.Clear && options.Members.Any(rule => rule.Class == MemberClass.Personal)) ? Vault.Open(options.Directory, SealingKey.LoadOrCreate(options.SealingKeyFile ?? Path.Combine(options.Directory, "seal.key")), write: true) : null;
            log = new AuditLog(store, signer, options, time, logger ?? NullLogger.Instance, copy, tiles, tiles.Frontier(store.Size), checkpoint ?? new SignedCheckpoint(new Checkpoint(signer.Key.Name, 0, MerkleTree.EmptyRoot), new SignedNote("\n", [])), vault);
            if (checkpoint is null)
            {
                log.Sign(0, MerkleTree.EmptyRoot);
            }

            log.RecordStart(InDoubtScan.Find(store));
        }
        catch
        {
            vault?.Dispose();
            store.Dispose();
            throw;
        }

        log._metrics = new AuditMetrics(log, store.Size);
        log._thread.Start();
        log.StartWitnessing(options.WitnessHandler);
        log.StartExporting();
        return log;
    }

    /// <summary>The first records of a run: that it began, and what the run before left open.</summary>
    private void RecordStart(IReadOnlyList<InDoubt> inDoubt)
    {
        InDoubt = inDoubt;
        _queue.Enqueue(Own("log.started", "start", inDoubt.Count > 0 ? $"{inDoubt.Count} effects of the run before are in doubt" : null));
        foreach (InDoubt effect in inDoubt)
        {
            _queue.Enqueue(new PendingRecord
            {
                Timestamp = _time.GetUtcNow(),
                Event = new AuditEvent("event", "outcome.in_doubt", effect.Action) { Resource = effect.RecordId, Severity = "medium", Reason = "The process ended between the decision and its outcome.",
                    Attributes = effect.IdempotencyKey is { } key ? new Dictionary<string, string>(StringComparer.Ordinal) { ["agt.idempotency_key"] = key } : new Dictionary<string, string>(StringComparer.Ordinal) },
            });
        }

        _pending = _queue.Count;
    }

    /// <summary>Effects of the run before that were let go and of which nobody recorded an end: they may have happened or not. Empty after a clean stop.</summary>
    public IReadOnlyList<InDoubt> InDoubt { get; private set; } = [];

    private static SignedCheckpoint? Latest(IAuditStore store, VerifierKey key)
    {
        ReadOnlyMemory<byte> note = store.ReadCheckpoint();
        if (note.IsEmpty)
        {
            return store.Size == 0
                ? null
                : throw new AuditStoreException(AuditStoreProblem.Tampered, $"The log has {store.Size} records and no checkpoint: somebody has removed it. Put it back from its copy, or verify the log and open it under a new origin.");
        }

        if (!SignedCheckpoint.TryParse(note.Span, out SignedCheckpoint? checkpoint, out string? error))
        {
            throw new AuditStoreException(AuditStoreProblem.Corrupt, "The checkpoint of the log cannot be read: " + error);
        }

        if (!checkpoint.IsSignedBy(key, out error))
        {
            throw new AuditStoreException(AuditStoreProblem.Key, $"The checkpoint of the log is not signed by the key '{key}': {error} Use the key the log was made with; docs/audit.md says what to do if it is lost.");
        }

        return checkpoint;
    }

    private static void Require(SignedCheckpoint? checkpoint, SignedCheckpoint? copy, CheckpointFile? copyFile, IAuditStore store, TileTree tiles)
    {
        if (checkpoint?.Checkpoint is { } latest)
        {
            if (latest.Size > store.Size)
            {
                throw new AuditStoreException(AuditStoreProblem.Truncated, $"The log has {store.Size} records, its checkpoint says {latest.Size}: records were cut off.");
            }

            if (tiles.Root(latest.Size) != latest.Root)
            {
                throw new AuditStoreException(AuditStoreProblem.Tampered, $"The first {latest.Size} records of the log are not those of its checkpoint. Run 'agt audit verify' to find the first that was changed.");
            }
        }

        if (copy?.Checkpoint is not { } outside || copyFile is null)
        {
            return;
        }

        if (checkpoint is not null && checkpoint.Checkpoint.Size == outside.Size && checkpoint.Checkpoint.Root != outside.Root)
        {
            // Both are signed by the log: whoever has the two has the proof that it showed two histories.
            string fork = copyFile.SaveFork(checkpoint, copy);
            throw new AuditStoreException(AuditStoreProblem.RolledBack, $"The log has signed two different trees of {outside.Size} records: that of its checkpoint and that of the copy outside of the directory. Both are kept in '{fork}' as the proof. Stop whoever uses its key.");
        }

        if (outside.Size > store.Size)
        {
            throw new AuditStoreException(
                AuditStoreProblem.RolledBack, $"The log has {store.Size} records; the copy of its checkpoint outside of the directory says that there were {outside.Size}. The directory was set back to an older state.");
        }

        if (tiles.Root(outside.Size) != outside.Root)
        {
            throw new AuditStoreException(AuditStoreProblem.RolledBack, $"The first {outside.Size} records of the log are not those that the copy of its checkpoint outside of the directory was made of: the log was rewritten.");
        }
    }

    private PendingRecord Own(string type, string action, string? reason = null) =>
        new() { Timestamp = _time.GetUtcNow(), Event = new AuditEvent("config", type, action) { Reason = reason } };
}
