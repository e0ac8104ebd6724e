using System.Diagnostics;
using System.Globalization;
using System.Text;
using Agt.Audit;
using Agt.Audit.Records;
using Agt.Storage.Postgres;
using Npgsql;

namespace Agt.Benchmarks.Audit;

/// <summary>Producers that hand records in to a log in PostgreSQL, from the call to the answer that the record is in the log. Needs a server: the owner's connection string in AGT_BENCH_POSTGRES; makes a schema and two roles there.</summary>
internal static class ProducerRunner
{
    private const int Producers = 4;
    private const int Records = 20_000;
    private const string Schema = "agt_bench";

    internal static async Task RunAsync(string root, Action<string, string> row)
    {
        if (Environment.GetEnvironmentVariable("AGT_BENCH_POSTGRES") is not { Length: > 0 } owner)
        {
            row("producers in PostgreSQL", "needs AGT_BENCH_POSTGRES");
            return;
        }

        Prepare(owner);
        string directory = Path.Combine(root, "producers");
        Directory.CreateDirectory(directory);
        await using var sequencer = PostgresSequencer.Start(
            As(owner, "agt_bench_writer"), options => (options.Directory, options.Origin, options.AppendDeadline) = (directory, "bench", TimeSpan.FromMinutes(1)), Schema);
        await using var warm = PostgresAuditProducer.Open(As(owner, "agt_bench_producer"), Schema, new AuditOptions { AppendDeadline = TimeSpan.FromMinutes(1) });
        await warm.AppendAsync(Draft(0));
        double[] single = new double[300];
        for (int i = 0; i < single.Length; i++)
        {
            long at = Stopwatch.GetTimestamp();
            await warm.AppendAsync(Draft(i));
            single[i] = Stopwatch.GetElapsedTime(at).TotalMilliseconds;
        }

        Array.Sort(single);
        row("one producer, one caller waiting until its record is in the log", string.Create(CultureInfo.InvariantCulture, $"p50 {single[150]:F1} ms, p99 {single[297]:F1} ms"));
        foreach (int callers in new[] { 64, 512 })
        {
            long began = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, Producers).Select(_ => ProduceAsync(As(owner, "agt_bench_producer"), callers)));
            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            row($"{Producers} producers, {callers} callers waiting in each", $"{(Producers * Records / seconds).ToString("N0", CultureInfo.InvariantCulture)} records/s");
        }
    }

    private static async Task ProduceAsync(string connection, int callers)
    {
        await using var producer = PostgresAuditProducer.Open(connection, Schema, new AuditOptions { AppendDeadline = TimeSpan.FromMinutes(1) });
        int next = 0;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var number && number <= Records)
            {
                await producer.AppendAsync(Draft(number));
            }
        }));
    }

    private static RecordDraft Draft(int number) => RecordDraft.Parse(Encoding.UTF8.GetBytes(
        $$"""{"kind":"event","action":"bench","agent_id":"billing-1","session_id":"0123456789abcdef","arguments_hash":"{{new string('a', 64)}}","resource":"orders/{{number}}","reason":"{{new string('n', 120)}}"}"""));

    private static string As(string owner, string role) => new NpgsqlConnectionStringBuilder(owner) { Username = role }.ToString();

    private static void Prepare(string owner)
    {
        using var connection = new NpgsqlConnection(owner);
        connection.Open();
        using NpgsqlCommand command = new(
            $"""
            DROP SCHEMA IF EXISTS {Schema} CASCADE;
            DO $$ BEGIN CREATE ROLE agt_bench_writer LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            DO $$ BEGIN CREATE ROLE agt_bench_producer LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            """,
            connection);
        command.ExecuteNonQuery();
        PostgresAuditStore.Install(owner, "agt_bench_writer", Schema);
        PostgresAuditProducer.Allow(owner, "agt_bench_producer", Schema);
    }
}
