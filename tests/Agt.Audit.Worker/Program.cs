using System.Globalization;
using Agt.Audit;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Storage.Sqlite;

// Writes a log until it is killed, and says of every record that it was told is durable: its index and its number.
string directory = args[0];
if (!AuditKey.TryParse(await File.ReadAllTextAsync(args[1]), out AuditKey? key))
{
    return 2;
}

var options = new AuditOptions { Directory = directory, Origin = key.Key.Name, CheckpointCopy = args[2], CheckpointInterval = TimeSpan.FromMilliseconds(50) };
using Stream output = Console.OpenStandardOutput();
var writing = new Lock();
Say("open");
AuditLog log = AuditLog.Open(args[3] == "sqlite" ? SqliteAuditStore.Open(directory) : SegmentAuditStore.Open(directory, 64 * 1024), key, options);
Say("ready " + log.Size.ToString(CultureInfo.InvariantCulture));
int next = 0;
await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
{
    while (true)
    {
        string number = Interlocked.Increment(ref next).ToString(CultureInfo.InvariantCulture);
        long index = await log.AppendAsync(new AuditEvent("event", "test", "act-" + number) { Resource = log.Emitter });
        Say($"{index} {log.Emitter} {number}");
    }
})));
return 0;

void Say(string line)
{
    byte[] bytes = System.Text.Encoding.ASCII.GetBytes(line + "\n");
    lock (writing)
    {
        output.Write(bytes);
        output.Flush();
    }
}
