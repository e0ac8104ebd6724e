using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;
using Agt.Storage.Sqlite;

namespace Agt.Audit.Tests.Log;

public sealed class CrashTests
{
    /// <summary>How often the process is killed: by default as often as fits into a run of the tests; <c>AGT_KILLS=1000</c> for the figure of the specification.</summary>
    private static readonly int Kills = int.TryParse(Environment.GetEnvironmentVariable("AGT_KILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out int kills) ? kills : 40;

    [Theory]
    [Requirement("AUD-407", "AUD-406", "AUD-X03")]
    [InlineData("files", 1)]
    [InlineData("sqlite", 2)]
    public async Task Whatever_the_process_was_told_is_durable_survives_its_death_at_any_moment(string kind, int part)
    {
        int kills = Kills / part;
        using var fixture = new LogFixture();
        string keyFile = Path.Combine(fixture.Root, "key");
        await File.WriteAllTextAsync(keyFile, fixture.Key.ToPrivateText(), TestContext.Current.CancellationToken);
        var random = new Random(7);
        var acknowledged = new Dictionary<long, string>();
        Checkpoint? before = null;
        for (int kill = 0; kill < kills; kill++)
        {
            await RunAndKillAsync(fixture, kind, keyFile, random.Next(1, 60), acknowledged);

            // As an auditor would: the directory as the dead process left it, opened, and closed again without another record.
            using (IAuditStore store = kind == "sqlite" ? SqliteAuditStore.Open(fixture.LogPath) : SegmentAuditStore.Open(fixture.LogPath, 64 * 1024))
            {
                var tree = new CompactRange();
                long index = 0;
                foreach (ReadOnlyMemory<byte> leaf in store.ReadLeaves(0, long.MaxValue))
                {
                    tree.Append(MerkleTree.HashLeaf(leaf.Span));
                    if (acknowledged.TryGetValue(index, out string? expected))
                    {
                        JsonElement record = JsonDocument.Parse(leaf).RootElement;
                        Assert.Equal(expected, record.GetProperty("resource").GetString() + " " + record.GetProperty("action").GetString()![4..]);
                    }

                    index++;
                }

                Assert.Equal(store.Size, index);
                Assert.All(acknowledged.Keys, key => Assert.InRange(key, 0, index - 1));
                Assert.True(SignedCheckpoint.TryParse(store.ReadCheckpoint().Span, out SignedCheckpoint? checkpoint, out string? error), error);
                Assert.True(checkpoint.IsSignedBy(fixture.Verifier, out _));
                var tiles = new TileTree(store);
                Assert.Equal(tree.Root, tiles.Root(store.Size));
                Assert.Equal(checkpoint.Checkpoint.Root, tiles.Root(checkpoint.Checkpoint.Size));
                if (before is { Size: > 0 })
                {
                    Assert.True(Proof.VerifyConsistency(before.Size, checkpoint.Checkpoint.Size, before.Root, checkpoint.Checkpoint.Root, tiles.Consistency(before.Size, checkpoint.Checkpoint.Size)));
                }

                before = checkpoint.Checkpoint;
            }
        }

        Assert.True(acknowledged.Count > kills, $"{acknowledged.Count} records were acknowledged in {kills} runs: too few to say anything.");
    }

    private static async Task RunAndKillAsync(LogFixture fixture, string kind, string keyFile, int milliseconds, Dictionary<long, string> acknowledged)
    {
        string worker = Path.Combine(AppContext.BaseDirectory, "Agt.Audit.Worker.dll");
        var start = new ProcessStartInfo("dotnet", [worker, fixture.LogPath, keyFile, fixture.Options.CheckpointCopy!, kind]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        var read = new StringBuilder();
        Task reading = Task.Run(async () =>
        {
            char[] buffer = new char[4_096];
            int count;
            while ((count = await process.StandardOutput.ReadAsync(buffer)) > 0)
            {
                lock (read)
                {
                    read.Append(buffer, 0, count);
                }
            }
        });

        // Half of the kills hit the opening, half of them the writing: when some records have been acknowledged, however slow the machine is.
        bool opening = milliseconds % 2 == 0;
        while (!process.HasExited && !(opening ? Read().Contains("open\n", StringComparison.Ordinal) : Read().Split('\n').Count(line => line.Length > 0 && char.IsAsciiDigit(line[0])) > 4))
        {
            await Task.Delay(1);
        }

        await Task.Delay(milliseconds);
        process.Kill();
        await process.WaitForExitAsync();
        await reading;
        string[] lines = Read().Split('\n');
        Assert.True(lines.Length > 1, "the worker did not start");
        foreach (string line in lines[..^1].Where(line => line.Length > 0 && char.IsAsciiDigit(line[0])))
        {
            string[] parts = line.Split(' ', 2);
            acknowledged.Add(long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1]);
        }

        string Read()
        {
            lock (read)
            {
                return read.ToString();
            }
        }
    }
}
