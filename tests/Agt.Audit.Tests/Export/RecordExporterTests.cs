using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Agt.Audit.Export;
using Agt.Audit.Queries;
using Agt.Audit.Retention;
using Agt.Audit.Stores;
using Agt.Audit.Tests.Log;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Audit.Tests.Export;

public sealed class RecordExporterTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly LogFixture _fixture = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    [Requirement("AUD-516", "AUD-957")]
    [Requirement("AUD-504", "AUD-511")]
    public async Task Every_record_reaches_every_sink_once_and_in_order_over_several_runs()
    {
        var first = new MemoryRecordSink("first");
        var second = new MemoryRecordSink("second");
        for (int run = 0; run < 3; run++)
        {
            await using AuditLog log = _fixture.Open();
            RecordExporter exporter = log.AddSink(first, Quick(batch: 7));
            RecordExporter other = log.AddSink(second, Quick(batch: 1_000));
            await AppendAsync(log, 50);
            log.Publish();
            Assert.True(await exporter.FlushAsync(Patience));
            Assert.True(await other.FlushAsync(Patience));
            Assert.Equal(2, log.Exporters.Count);
        }

        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(_fixture.LogPath);
        Assert.Equal(3 * 52, store.Size);
        foreach (MemoryRecordSink sink in new[] { first, second })
        {
            // What a run wrote at its end came when the log was closed.
            Assert.Equal(Enumerable.Range(0, 3 * 52).Select(i => (long)i), sink.Entries.Select(entry => entry.Index));
            Assert.All(sink.Entries.Zip(store.ReadLeaves(0, 1_000)), pair => Assert.Equal(pair.Second.ToArray(), pair.First.Leaf.ToArray()));
        }
    }

    [Fact]
    [Requirement("AUD-508", "AUD-509", "AUD-514", "AUD-515", "AUD-516", "AUD-X07")]
    public async Task A_sink_that_fails_is_left_alone_tried_again_and_gets_everything()
    {
        var seen = new List<AuditEntry>();
        var states = new ConcurrentQueue<BreakerState>();
        RecordExporter? exporter = null;
        int calls = 0;
        var sink = new DelegateRecordSink("siem", (batch, _) =>
        {
            states.Enqueue(exporter!.State);
            switch (++calls)
            {
                case 1 or 3:
                    return new ValueTask<SinkResult>(SinkResult.Failure);
                case 2 or 4:
                    throw new IOException("The collector is away.");
                case 5:
                    // Delivered, and yet nobody was told so: it comes again.
                    seen.AddRange(batch.Records);
                    return new ValueTask<SinkResult>((SinkResult)7);
                default:
                    seen.AddRange(batch.Records);
                    return new ValueTask<SinkResult>(SinkResult.Success);
            }
        });
        await using AuditLog log = _fixture.Open();
        await AppendAsync(log, 20);
        var ready = new TaskCompletionSource();
        var gate = new DelegateRecordSink("siem", async (batch, token) =>
        {
            await ready.Task;
            return await sink.WriteAsync(batch, token);
        });
        exporter = log.AddSink(gate, new ExportOptions { BatchSize = 10, Delay = TimeSpan.FromMilliseconds(1), BreakAfterFailures = 3, BreakDuration = TimeSpan.FromMilliseconds(20) });
        ready.SetResult();
        log.Publish();
        Assert.True(await exporter.FlushAsync(Patience));

        Assert.Equal([BreakerState.Closed, BreakerState.Closed, BreakerState.Closed, BreakerState.HalfOpen, BreakerState.HalfOpen, BreakerState.HalfOpen], states.Take(6));
        Assert.Equal(BreakerState.Closed, exporter.State);
        Assert.Equal(5, exporter.Failures);
        Assert.Equal((log.Checkpoint.Checkpoint.Size, 0), (exporter.Delivered, exporter.Dropped));
        Assert.Equal(exporter.Next, exporter.Delivered + exporter.Dropped);
        Assert.Equal(seen[0].Leaf.ToArray(), seen[10].Leaf.ToArray());
        Assert.Equal(Enumerable.Range(0, 21).Select(i => (long)i), seen.Skip(10).Select(entry => entry.Index));
    }

    [Fact]
    [Requirement("AUD-514", "AUD-515")]
    public async Task A_sink_that_hangs_holds_up_neither_the_log_nor_another_sink()
    {
        var hangs = new TaskCompletionSource<SinkResult>();
        int calls = 0;
        var sink = new DelegateRecordSink("hangs", (_, _) =>
        {
            Interlocked.Increment(ref calls);
            return new ValueTask<SinkResult>(hangs.Task);
        });
        var good = new MemoryRecordSink("good");
        await using AuditLog log = _fixture.Open();
        RecordExporter stuck = log.AddSink(sink, new ExportOptions { Delay = TimeSpan.FromMilliseconds(1), Timeout = TimeSpan.FromMilliseconds(5), ShutdownTimeout = TimeSpan.Zero });
        RecordExporter other = log.AddSink(good, Quick());
        await AppendAsync(log, 200);
        log.Publish();
        Assert.True(await other.FlushAsync(Patience));
        while (stuck.Failures < 2)
        {
            await Task.Yield();
        }

        // It is not called again while its last call has not ended.
        Assert.Equal((1, 0, 0), (calls, stuck.Next, stuck.Delivered));
        Assert.False(await stuck.FlushAsync(TimeSpan.Zero));
        hangs.SetResult(SinkResult.Success);
    }

    [Fact]
    [Requirement("AUD-508", "AUD-515")]
    public async Task What_a_sink_refuses_for_ever_is_counted_and_the_next_comes()
    {
        await using AuditLog log = _fixture.Open();
        await AppendAsync(log, 29);
        var seen = new MemoryRecordSink("inner");
        var sink = new DelegateRecordSink("picky", (batch, token) => batch.Records[0].Index == 10 ? new ValueTask<SinkResult>(SinkResult.Dropped) : seen.WriteAsync(batch, token));
        RecordExporter exporter = log.AddSink(sink, Quick(batch: 10));
        log.Publish();
        Assert.True(await exporter.FlushAsync(Patience));
        Assert.Equal((20, 10, 0, BreakerState.Closed), (exporter.Delivered, exporter.Dropped, exporter.Failures, exporter.State));
        Assert.Equal(20, seen.Entries.Count);
    }

    [Fact]
    [Requirement("AUD-513", "AUD-516")]
    public async Task What_a_run_could_not_deliver_the_next_one_does()
    {
        bool works = false;
        var seen = new MemoryRecordSink("inner");
        var sink = new DelegateRecordSink("siem", (batch, token) => works ? seen.WriteAsync(batch, token) : new ValueTask<SinkResult>(SinkResult.Failure));
        await using (AuditLog log = _fixture.Open())
        {
            log.AddSink(sink, Quick());
            await AppendAsync(log, 10);
        }

        Assert.Empty(seen.Entries);
        works = true;
        await using (AuditLog log = _fixture.Open())
        {
            RecordExporter exporter = log.AddSink(sink, Quick());
            log.Publish();
            Assert.True(await exporter.FlushAsync(Patience));
            await exporter.DisposeAsync();
            Assert.Empty(log.Exporters);
        }

        Assert.Equal(Enumerable.Range(0, seen.Entries.Count).Select(i => (long)i), seen.Entries.Select(entry => entry.Index));
        Assert.InRange(seen.Entries.Count, 12, 13);
    }

    [Fact]
    [Requirement("AUD-516", "AUD-609")]
    public async Task What_a_sink_does_not_have_yet_is_not_purged()
    {
        _fixture.Options.Retention.Period = TimeSpan.FromTicks(1);
        await using AuditLog log = _fixture.Open();
        await AppendAsync(log, 1_000);
        bool works = false;
        var sink = new DelegateRecordSink("siem", (_, _) => new ValueTask<SinkResult>(works ? SinkResult.Success : SinkResult.Failure));
        RecordExporter exporter = log.AddSink(sink, new ExportOptions { BatchSize = 300, Delay = TimeSpan.FromMilliseconds(1), BreakDuration = TimeSpan.FromMilliseconds(1) });
        log.Publish();
        PurgePlan plan = await log.PurgeAsync("ops", cancellationToken: Cancellation);
        Assert.Equal((0, 0L, "a sink waits for it"), (plan.Count, plan.StoppedAt, plan.Because));
        works = true;
        Assert.True(await exporter.FlushAsync(Patience));
        Assert.Equal(768, (await log.PurgeAsync("ops", cancellationToken: Cancellation)).Count);
    }

    [Fact]
    [Requirement("AUD-510")]
    public void Defaults_are_those_of_the_specification()
    {
        var options = new ExportOptions();
        Assert.Equal((100, 2_000, 10_000, 5, 60, 5_000), (options.BatchSize, options.Delay.TotalMilliseconds, options.Timeout.TotalMilliseconds, options.BreakAfterFailures, options.BreakDuration.TotalSeconds, options.ShutdownTimeout.TotalMilliseconds));
        Assert.Equal((0, 1, 2), ((int)SinkResult.Success, (int)SinkResult.Failure, (int)SinkResult.Dropped));
    }

    [Fact]
    public async Task What_cannot_be_is_refused()
    {
        await using AuditLog log = _fixture.Open();
        var sink = new MemoryRecordSink("a");
        foreach (ExportOptions options in new ExportOptions[] { new() { BatchSize = 0 }, new() { BatchSize = 10_001 }, new() { Delay = TimeSpan.Zero }, new() { Timeout = TimeSpan.FromHours(1) }, new() { BreakAfterFailures = 0 } })
        {
            Assert.StartsWith("The sink 'a': ", Assert.Throws<ArgumentException>(() => log.AddSink(sink, options)).Message, StringComparison.Ordinal);
        }

        foreach (string name in new[] { "", "..", "a/b", "../../x", "a b", new string('a', 65) })
        {
            Assert.Throws<ArgumentException>(() => log.AddSink(new MemoryRecordSink(name)));
        }

        log.AddSink(sink);
        Assert.Throws<ArgumentException>(() => log.AddSink(new MemoryRecordSink("a")));
        string cursor = Path.Combine(_fixture.LogPath, "exports", "b.cursor");
        foreach (string text in new[] { "log.example/other\n0\n", "log.example/test\n999999\n", "log.example/test\n-1\n", "x" })
        {
            await File.WriteAllTextAsync(cursor, text, Cancellation);
            Assert.Throws<InvalidDataException>(() => log.AddSink(new MemoryRecordSink("b")));
        }
    }

    [Fact]
    [Requirement("AUD-712")]
    public async Task What_operators_watch_of_sinks_is_measured()
    {
        await using AuditLog log = _fixture.Open();
        var values = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Agt.Audit" && instrument.Meter.Tags?.Any(tag => Equals(tag.Value, log.Origin)) == true)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => values[instrument.Name] = value);
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => values[instrument.Name] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => values[instrument.Name] = value);
        listener.Start();
        RecordExporter exporter = log.AddSink(new DelegateRecordSink("down", (_, _) => new ValueTask<SinkResult>(SinkResult.Failure)), new ExportOptions { Delay = TimeSpan.FromMilliseconds(1), BreakAfterFailures = 1 });
        await AppendAsync(log, 5);
        log.Publish();
        while (exporter.State != BreakerState.Open)
        {
            await Task.Yield();
        }

        listener.RecordObservableInstruments();
        Assert.Equal((2, log.Size, 0), (values["agt.audit.circuit_breaker_state"], values["agt.audit.export_lag"], values["agt.audit.entries_exported"]));
        Assert.True(values.ContainsKey("agt.audit.export_latency_ms"));
    }

    [Fact]
    public async Task Sinks_are_added_where_governance_is()
    {
        var sink = new MemoryRecordSink("memory");
        var services = new ServiceCollection();
        services.AddGovernance().AddAudit(options => (options.Directory, options.Origin) = (_fixture.LogPath, "log.example/di")).AddAuditSink(sink, options => options.Delay = TimeSpan.FromMilliseconds(1));
        await using (ServiceProvider provider = services.BuildServiceProvider())
        {
            Assert.Equal("memory", Assert.Single(provider.GetRequiredService<AuditLog>().Exporters).Name);
        }

        Assert.Equal(2, sink.Entries.Count);
    }

    private static ExportOptions Quick(int batch = 100) => new() { BatchSize = batch, Delay = TimeSpan.FromMilliseconds(1) };

    private static Task<long[]> AppendAsync(AuditLog log, int count) => Task.WhenAll(Enumerable.Range(0, count).Select(i => log.AppendAsync(LogFixture.Event(i), Cancellation).AsTask()));
}
