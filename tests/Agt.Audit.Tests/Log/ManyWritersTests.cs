using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Receipts;
using Agt.Audit.Stores;
using Agt.Audit.Verification;

namespace Agt.Audit.Tests.Log;

public sealed class ManyWritersTests
{
    private const int Writers = 24;

    /// <summary>How long: a few seconds in a run of the tests; <c>AGT_SOAK_SECONDS=300</c> for the figure of the specification.</summary>
    private static readonly int Seconds = int.TryParse(Environment.GetEnvironmentVariable("AGT_SOAK_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) ? seconds : 4;

    [Fact]
    [Requirement("AUD-205", "AUD-215", "AUD-X06")]
    public async Task Order_counts_and_proofs_are_exact_while_many_write_and_others_read_and_verify()
    {
        using var fixture = new LogFixture();
        fixture.Options.CheckpointInterval = TimeSpan.FromMilliseconds(50);
        var written = new ConcurrentDictionary<long, string>();
        var time = Stopwatch.StartNew();
        long proved = 0;
        await using (AuditLog log = fixture.Open())
        {
            Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
            {
                for (int number = 0; time.Elapsed.TotalSeconds < Seconds; number++)
                {
                    string name = string.Create(CultureInfo.InvariantCulture, $"{writer}:{number}");
                    Assert.True(written.TryAdd(await log.AppendAsync(new AuditEvent("event", "test", name)), name));
                }
            }))];
            Task[] readers =
            [
                Task.Run(async () =>
                {
                    await log.FlushAsync();
                    Checkpoint before = log.Publish().Checkpoint;
                    var random = new Random(3);
                    while (time.Elapsed.TotalSeconds < Seconds)
                    {
                        Receipt receipt = log.Prove(random.NextInt64(log.Size));
                        Assert.True(receipt.Verify(receipt.Extra.Span, TrustPolicy.Of(fixture.Verifier), out string? error), error);
                        Checkpoint now = log.Checkpoint.Checkpoint;
                        Assert.True(before.Size == 0 || before == now || Proof.VerifyConsistency(before.Size, now.Size, before.Root, now.Root, [.. log.ProveConsistency(before.Size, now.Size)]));
                        before = now;
                        proved++;
                        await Task.Yield();
                    }
                }),
                Task.Run(() =>
                {
                    while (time.Elapsed.TotalSeconds < Seconds)
                    {
                        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(fixture.LogPath);
                        LogVerification result = new LogVerifier(store, TrustPolicy.Of(fixture.Verifier)).Verify();
                        Assert.True(result.IsValid, result.Error);
                    }
                }),
            ];
            await Task.WhenAll([.. writers, .. readers]);
        }

        Assert.True(proved > 0);
        using SegmentAuditStore closed = SegmentAuditStore.OpenForReading(fixture.LogPath);
        Assert.Equal(written.Count + 2, closed.Size);
        int[] next = new int[Writers];
        long index = 0;
        foreach (ReadOnlyMemory<byte> leaf in closed.ReadLeaves(0, long.MaxValue))
        {
            if (written.TryGetValue(index++, out string? name))
            {
                using JsonDocument record = JsonDocument.Parse(leaf);
                Assert.Equal(name, record.RootElement.GetProperty("action").GetString());
                string[] parts = name.Split(':');
                Assert.Equal(next[int.Parse(parts[0], CultureInfo.InvariantCulture)]++, int.Parse(parts[1], CultureInfo.InvariantCulture));
            }
        }

        LogVerification final = new LogVerifier(closed, TrustPolicy.Of(fixture.Verifier)).Verify(TestContext.Current.CancellationToken);
        Assert.True(final.IsValid, final.Error);
        Assert.DoesNotContain(final.Findings, finding => finding.Kind is "emitter_gap" or "clock_regression");
    }
}
