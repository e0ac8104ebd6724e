using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Microsoft.Extensions.Logging;

namespace Agt.Audit;

/// <summary>Opens the log of a host as its options say.</summary>
internal static class AuditLogFactory
{
    internal static AuditLog Open(AuditOptions options, TimeProvider time, ILogger logger, bool production = false)
    {
        options.Check();
        IAuditStore store = options.OpenStore is { } open ? open(options) : SegmentAuditStore.Open(options.Directory);
        if (production && store is MemoryAuditStore)
        {
            throw new InvalidOperationException("The audit log is in memory, which is for tests: in production its records would be gone with the process. Leave AuditOptions.OpenStore alone for files, or use a database.");
        }

        AuditKey? key = null;
        try
        {
            string file = options.KeyFile ?? Path.Combine(options.Directory, "log.key");
            key = AuditKeyFile.LoadOrCreate(file, options.Origin, store.Size == 0 && store.ReadCheckpoint().IsEmpty, logger);
            options.CheckpointCopy ??= Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Directory)) + ".checkpoint";
            RetiringKey? retiring = options.Retiring is null ? KeyRotation.Load(file, key, time.GetUtcNow()) : null;
            options.Retiring ??= retiring;
            AuditLog log = AuditLog.Open(store, key, options, time, logger);
            log.Own(key);
            log.KeyIsIn(file);
            if (retiring?.Signer is IDisposable old)
            {
                log.Own(old);
            }

            if (log.InDoubt.Count > 0)
            {
                AuditLogMessages.InDoubt(logger, log.InDoubt.Count);
            }

            return log;
        }
        catch
        {
            key?.Dispose();
            store.Dispose();
            throw;
        }
    }
}
