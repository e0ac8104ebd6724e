using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Audit.Stores;

namespace Agt.Audit.Tests.Log;

/// <summary>A directory of its own with a key, and logs opened in it. The directory goes with the fixture.</summary>
internal sealed class LogFixture : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("agt-audit-").FullName;

    internal LogFixture(string origin = "log.example/test")
    {
        Key = AuditKey.Create(origin);
        Options = new AuditOptions { Directory = Path.Combine(_root, "log"), Origin = Key.Key.Name, CheckpointCopy = Path.Combine(_root, "copy"), CheckpointInterval = TimeSpan.FromHours(1) };
    }

    internal AuditKey Key { get; }

    internal AuditOptions Options { get; }

    internal string Root => _root;

    internal string LogPath => Options.Directory;

    internal VerifierKey Verifier => Key.Key;

    internal static AuditEvent Event(int number) => new("event", "test", "act-" + number) { Attributes = new Dictionary<string, string> { ["x.number"] = number.ToString(System.Globalization.CultureInfo.InvariantCulture) } };

    internal AuditLog Open(IAuditStore? store = null) => AuditLog.Open(store ?? SegmentAuditStore.Open(LogPath, 64 * 1024), Key, Options);

    /// <summary>Writes a log of so many events and closes it. With its start and stop it has two more records.</summary>
    internal async Task WriteAsync(int events)
    {
        await using AuditLog log = Open();
        await Task.WhenAll(Enumerable.Range(0, events).Select(i => log.AppendAsync(Event(i)).AsTask()));
    }

    public void Dispose()
    {
        Key.Dispose();
        Directory.Delete(_root, recursive: true);
    }
}
