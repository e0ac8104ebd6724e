using Agt.Audit.Stores;

namespace Agt.Audit.Tests.Stores;

public sealed class SegmentAuditStoreTests : DurableAuditStoreSuite
{
    protected override IAuditStore Open() => SegmentAuditStore.Open(Path.Combine(Root, "log"), 64 * 1024);

    protected override IAuditStore OpenForReading() => SegmentAuditStore.OpenForReading(Path.Combine(Root, "log"));

    /// <summary>Something lies where the hashes over the first 256 records should go: the leaves are written, their hashes cannot be.</summary>
    protected override IDisposable Break(IAuditStore store)
    {
        string level = Path.Combine(Root, "log", "nodes", "8");
        Directory.CreateDirectory(level);
        return new Mended(() => Directory.Delete(level));
    }
}
