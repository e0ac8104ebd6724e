using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Agt.Audit;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;
using Agt.Audit.Verification;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Benchmarks.Audit;

/// <summary>The audit log beside what the machine itself can do: hashing, flushing to disk. Prints one table.</summary>
internal static class AuditRunner
{
    private static readonly string[] AllParts = ["machine", "tree", "durable", "group", "verify", "proof", "caller", "governed", "producers"];

    internal static async Task<int> RunAsync(string[] options)
    {
        string[] parts = options.Length == 0 ? AllParts : options;
        string root = Directory.CreateTempSubdirectory("agt-bench-").FullName;
        Console.WriteLine("| What | Figure |\n|---|---:|");
        try
        {
            foreach (string part in parts)
            {
                switch (part)
                {
                    case "machine":
                        Machine(root);
                        break;
                    case "tree":
                        Tree();
                        break;
                    case "durable":
                        await DurableAsync(root);
                        break;
                    case "group":
                        Group(root, 256);
                        Group(root, 1_024);
                        break;
                    case "verify":
                        Verify(root);
                        break;
                    case "proof":
                        Proofs(root);
                        break;
                    case "caller":
                        Caller(root);
                        break;
                    case "governed":
                        await GovernedAsync(root);
                        break;
                    case "producers":
                        await ProducerRunner.RunAsync(root, Row);
                        break;
                    default:
                        await Console.Error.WriteLineAsync($"'{part}' is not one of {string.Join(", ", AllParts)}.");
                        return 2;
                }
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        return 0;
    }

    private static void Row(string what, string figure) => Console.WriteLine($"| {what} | {figure} |");

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static void Machine(string root)
    {
        foreach (int bytes in new[] { 65, 256, 1_024 })
        {
            Row($"SHA-256 of {bytes} bytes, one call", $"{Number(HashTime(bytes, 500_000))} ns");
        }

        double[] flushes = Flushes(Path.Combine(root, "fsync"), 1_000);
        Row("write 400 bytes and fsync, bare", $"p50 {Number(flushes[500])} us, p99 {Number(flushes[990])} us");
    }

    private static double HashTime(int bytes, int count)
    {
        byte[] data = new byte[bytes];
        byte[] hash = new byte[32];
        double best = double.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < count / 5; i++)
            {
                SHA256.HashData(data, hash);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalNanoseconds / (count / 5));
        }

        return best;
    }

    private static double[] Flushes(string path, int count)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        byte[] bytes = new byte[400];
        double[] times = new double[count];
        for (int i = 0; i < count; i++)
        {
            long began = Stopwatch.GetTimestamp();
            RandomAccess.Write(file, bytes, i * 400L);
            RandomAccess.FlushToDisk(file);
            times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        Array.Sort(times);
        return times;
    }

    private static void Tree()
    {
        const int Count = 500_000;
        byte[] leaf = new byte[256];
        var tree = new CompactRange();
        for (int i = 0; i < 50_000; i++)
        {
            tree.Append(MerkleTree.HashLeaf(leaf));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < Count; i++)
        {
            tree.Append(MerkleTree.HashLeaf(leaf));
        }

        double append = Stopwatch.GetElapsedTime(began).TotalNanoseconds / Count;
        long allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / Count;
        double bare = HashTime(257, 500_000) + HashTime(65, 500_000);
        Row("append to the tree, 256 bytes", $"{Number(append)} ns, {append / bare:F2} times its hashes alone, {allocated} bytes");
    }

    private static async Task DurableAsync(string root)
    {
        using AuditKey key = AuditKey.Create("bench");
        await using AuditLog log = AuditLog.Open(SegmentAuditStore.Open(Path.Combine(root, "durable")), key, new AuditOptions { Origin = "bench", CheckpointInterval = TimeSpan.FromMinutes(10) });
        double[] flushes = Flushes(Path.Combine(root, "fsync2"), 500);
        double[] times = new double[2_000];
        for (int i = 0; i < times.Length; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await log.AppendAsync(new AuditEvent("event", "bench", "append"));
            times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }

        Array.Sort(times);
        Row("durable append, one caller waiting", $"p50 {Number(times[1_000])} us, p99 {Number(times[1_980])} us; {times[1_000] / flushes[250]:F2} times a bare fsync");
    }

    private static void Group(string root, int bytes)
    {
        const int Batch = 512;
        const int Batches = 1_000;
        using SegmentAuditStore store = SegmentAuditStore.Open(Path.Combine(root, "group" + bytes.ToString(CultureInfo.InvariantCulture)));
        var batch = new AuditBatch();
        var tree = new CompactRange();
        byte[] leaf = new byte[bytes];
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < Batches; i++)
        {
            batch.Begin(tree.Size);
            for (int j = 0; j < Batch; j++)
            {
                leaf[j % bytes]++;
                batch.Add(leaf);
            }

            batch.Integrate(tree);
            store.Append(batch);
        }

        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Row($"group commit, {bytes} bytes, {Batch} a batch, hashed and one fsync each", $"{Number(Batch * Batches / seconds)} records/s");
    }

    private static void Verify(string root)
    {
        using AuditKey key = AuditKey.Create("bench");
        using SegmentAuditStore store = SegmentAuditStore.Open(Path.Combine(root, "verify"));
        CompactRange tree = Fill(store, 200_000, Leaf);
        string text = new Checkpoint("bench", tree.Size, tree.Root).ToString();
        store.WriteCheckpoint(new SignedNote(text, [new NoteSignature("bench", key.Key.KeyId, key.Sign(text))]).ToUtf8());
        var verifier = new LogVerifier(store, TrustPolicy.Of(key.Key));
        long began = Stopwatch.GetTimestamp();
        LogVerification result = verifier.Verify();
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Row("full verification of records of 1 KB, with their content", result.IsValid ? $"{Number(result.EntriesVerified / seconds)} records/s" : "failed: " + result.Error);

        static byte[] Leaf(long i)
        {
            string start = string.Create(CultureInfo.InvariantCulture, $$"""{"action":"Files.Read","agent_id":"billing-1","emitter_id":"a","emitter_seq":{{i + 1}},"kind":"event","occurred_at":"2026-01-01T00:00:00.000000Z","record_id":"{{i}}","v":1,"z":" """);
            return System.Text.Encoding.UTF8.GetBytes(start.PadRight(1_022, 'x') + "\"}");
        }
    }

    private static void Proofs(string root)
    {
        using SegmentAuditStore store = SegmentAuditStore.Open(Path.Combine(root, "proofs"), 1024 * 1024 * 1024);
        byte[] leaf = new byte[40];
        CompactRange tree = Fill(store, 10_000_000, i =>
        {
            BitConverter.TryWriteBytes(leaf, i);
            return leaf;
        });
        foreach (long size in new[] { 100_000L, 1_000_000, tree.Size })
        {
            var tiles = new TileTree(store);
            var random = new Random(1);
            double[] times = new double[5_000];
            for (int i = 0; i < times.Length; i++)
            {
                long index = random.NextInt64(size);
                long began = Stopwatch.GetTimestamp();
                tiles.Inclusion(index, size);
                times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
            }

            Array.Sort(times);
            Row($"inclusion proof, {Number(size)} records, random ones", $"p50 {Number(times[2_500])} us, p99 {Number(times[4_950])} us");
        }
    }

    private static CompactRange Fill(SegmentAuditStore store, long count, Func<long, byte[]> leaf)
    {
        var batch = new AuditBatch();
        var tree = new CompactRange();
        while (tree.Size < count)
        {
            batch.Begin(tree.Size);
            for (long i = tree.Size; i < Math.Min(count, batch.FirstIndex + 20_000); i++)
            {
                batch.Add(leaf(i));
            }

            batch.Integrate(tree);
            store.Append(batch);
        }

        return tree;
    }

    private static void Caller(string root)
    {
        using AuditKey key = AuditKey.Create("bench");
        using var log = AuditLog.Open(SegmentAuditStore.Open(Path.Combine(root, "caller")), key, new AuditOptions { Origin = "bench", QueueSize = 1_048_576 });
        var decisions = new AuditDecisionLog(log, AuditDurability.Buffered);
        using ServiceProvider services = Services(_ => { });
        IGovernance governance = services.GetRequiredService<IGovernance>();
        GovernanceSession session = governance.OpenSessionAsync(Agent, null, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        Decision decision = governance.AuthorizeAsync(new GovernedAction(Tool, session, default), CancellationToken.None).AsTask().GetAwaiter().GetResult().Decision;
        var record = new DecisionRecord(new DecisionId(7), DateTimeOffset.UtcNow, new GovernedAction(Tool, session, default), decision, default, null);
        const int Batch = 500;
        double[] times = new double[2_000];
        long allocated = 0;
        for (int i = 0; i < times.Length; i++)
        {
            while (log.Pending > 0)
            {
                Thread.Sleep(0);
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            long began = Stopwatch.GetTimestamp();
            for (int j = 0; j < Batch; j++)
            {
                decisions.AppendAsync(in record, CancellationToken.None).GetAwaiter().GetResult();
            }

            times[i] = Stopwatch.GetElapsedTime(began).TotalNanoseconds / Batch;
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Array.Sort(times);
        Row("buffered append, the caller's share", $"p50 {Number(times[1_000])} ns, p99 {Number(times[1_980])} ns, {allocated / (times.Length * Batch)} bytes");
    }

    private static async Task GovernedAsync(string root)
    {
        foreach ((string name, Action<IGovernanceBuilder> log) in new (string, Action<IGovernanceBuilder>)[]
        {
            ("warm-up", _ => { }),
            ("log in memory", _ => { }),
            ("audit log, buffered", builder => builder.AddAudit(options => (options.Directory, options.Durability) = (Path.Combine(root, "buffered"), AuditDurability.Buffered))),
            ("audit log, write-ahead", builder => builder.AddAudit(options => (options.Directory, options.Durability) = (Path.Combine(root, "ahead"), AuditDurability.WriteAhead))),
        })
        {
            await using ServiceProvider services = Services(log);
            IGovernance governance = services.GetRequiredService<IGovernance>();
            await using GovernanceSession session = await governance.OpenSessionAsync(Agent, null, CancellationToken.None);
            int calls = name.EndsWith("ahead", StringComparison.Ordinal) ? 2_000 : 200_000;
            int batch = calls / 1_000;
            double[] times = new double[1_000];
            for (int i = -1_000; i < times.Length; i++)
            {
                long began = Stopwatch.GetTimestamp();
                for (int j = 0; j < batch; j++)
                {
                    await governance.InvokeAsync(new GovernedAction(Tool, session, Arguments), 0, static (_, _, _) => new ValueTask<string>("done"), Codec, CancellationToken.None);
                }

                if (i >= 0)
                {
                    times[i] = Stopwatch.GetElapsedTime(began).TotalNanoseconds / batch;
                }
            }

            Array.Sort(times);
            if (name == "warm-up")
            {
                continue;
            }

            Row($"a governed call, all in, {name}", $"p50 {Number(times[500])} ns, p99 {Number(times[990])} ns");
        }
    }

    private static readonly Principal Agent = new(AgentId.Parse("billing-1"));
    private static readonly ActionTemplate Tool = new(InterventionPoint.PreToolCall, "execute_tool", Agent, new ToolIdentity("Files.Delete"), "bench");
    private static readonly GovernedValue Arguments = GovernedValue.FromJson("""{"path":"/data/a","force":true}""");
    private static readonly ResultCodec Codec = new TextResult();

    private static ServiceProvider Services(Action<IGovernanceBuilder> configure)
    {
        var services = new ServiceCollection();
        configure(services.AddGovernance(options =>
        {
            options.RequirePolicy = false;
            options.SessionLimits = SessionLimits.Unlimited;
        }).AddInterceptor(new Silent()));
        return services.BuildServiceProvider();
    }

    private sealed class Silent : IInterceptor
    {
        public string Name => "silent";

        public InterceptorStage Stage => InterceptorStage.Content;

        public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) => default;
    }

    private sealed class TextResult : ResultCodec
    {
        public override GovernedValue Capture(object? result, ValueArena arena) => GovernedValue.From((string?)result);

        public override object? Replace(object? original, GovernedValue value) => value.AsString();
    }
}
