using Agt.Audit.Stores;

namespace Agt.Audit.Tests.Stores;

public sealed class MemoryAuditStoreTests : AuditStoreSuite
{
    protected override IAuditStore Open() => new MemoryAuditStore();
}
