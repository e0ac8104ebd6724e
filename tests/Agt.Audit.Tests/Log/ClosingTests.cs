using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;

namespace Agt.Audit.Tests.Log;

public sealed class ClosingTests
{
    [Theory]
    [Requirement("AUD-409")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_closes_a_log_whose_store_cannot_be_closed_is_told_and_does_not_wait_for_ever(bool atOnce)
    {
        using var fixture = new LogFixture();
        AuditLog log = fixture.Open(new Stubborn());
        if (!atOnce)
        {
            await log.AppendAsync(LogFixture.Event(1), TestContext.Current.CancellationToken);
        }

        Exception told = await Assert.ThrowsAsync<IOException>(() => log.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Equal("cannot be closed", told.Message);
        await Assert.ThrowsAsync<IOException>(() => log.AppendAsync(LogFixture.Event(2), TestContext.Current.CancellationToken).AsTask());
    }

    [Fact]
    [Requirement("AUD-312")]
    public async Task A_key_that_is_replaced_while_the_log_is_closed_is_replaced_as_a_whole_or_not_at_all()
    {
        for (int round = 0; round < 12; round++)
        {
            using var fixture = new LogFixture();
            fixture.Options.KeyFile = Path.Combine(fixture.Root, "log.key");
            AuditLog log = AuditLog.Open(fixture.Options);
            string before = log.Key.ToString();
            string after = before;
            Task closing = Task.CompletedTask;
            try
            {
                Task<VerifierKey> rotating = log.RotateKeyAsync("ops", TimeSpan.Zero, TestContext.Current.CancellationToken).AsTask();
                for (int wait = 0; wait < round * 200; wait++)
                {
                    await Task.Yield();
                }

                closing = log.DisposeAsync().AsTask();
                after = (await rotating).ToString();
            }
            catch (IOException)
            {
                Assert.Equal(before, after);
            }

            await closing;
            await using AuditLog again = AuditLog.Open(new AuditOptions { Directory = fixture.Options.Directory, Origin = fixture.Options.Origin, KeyFile = fixture.Options.KeyFile, CheckpointCopy = fixture.Options.CheckpointCopy });
            Assert.Equal(after, again.Key.ToString());
        }

    }

    /// <summary>A store that cannot be closed, as on a disk that is full.</summary>
    private sealed class Stubborn : IAuditStore
    {
        private readonly MemoryAuditStore _inner = new();

        public long Size => _inner.Size;

        public void Append(AuditBatch batch) => _inner.Append(batch);

        public IEnumerable<ReadOnlyMemory<byte>> ReadLeaves(long first, long count) => _inner.ReadLeaves(first, count);

        public ReadOnlyMemory<byte> ReadCheckpoint() => _inner.ReadCheckpoint();

        public void WriteCheckpoint(ReadOnlySpan<byte> note) => _inner.WriteCheckpoint(note);

        public void ReadTile(TilePath path, Span<LogHash> hashes) => _inner.ReadTile(path, hashes);

        public void Dispose() => throw new IOException("cannot be closed");
    }
}
