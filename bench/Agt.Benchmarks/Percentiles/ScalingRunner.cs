using System.Diagnostics;
using System.Globalization;
using Agt.Benchmarks.Chain;
using Agt.Policy.RateLimits;
using Agt.Values;

namespace Agt.Benchmarks.Percentiles;

/// <summary>How much more two threads do than one: rounds of the whole chain with 1,000 rules, one session a thread, in turns of one and two threads.</summary>
internal static class ScalingRunner
{
    private const int Turns = 9;
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(400);

    internal static int Run()
    {
        ChainHost host = ChainSubjects.WithPolicy(1_000);
        Measure(host, 2);
        var ratios = new List<double>();
        for (int i = 0; i < Turns; i++)
        {
            double one = Measure(host, 1);
            double two = Measure(host, 2);
            ratios.Add(two / one);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one thread {one / 1e6:F2} M/s, two threads {two / 1e6:F2} M/s, ratio {two / one:F2}"));
        }

        ratios.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"two threads do {ratios[Turns / 2]:F2} times what one does (median of {Turns} turns; {ratios[0]:F2} to {ratios[^1]:F2})"));
        return Limits();
    }

    /// <summary>Windows of different keys share nothing: each thread takes from one of its own.</summary>
    private static int Limits()
    {
        var store = new MemoryRateLimitStore(TimeProvider.System);
        var key = new RateLimitKey("p", "r", RateLimitScope.Agent, "a", new RateLimit(1_000, TimeSpan.FromSeconds(1)));
        RateLimitWindow[] windows = [.. Enumerable.Range(0, 2).Select(number => store.GetWindow(key with { Subject = "a" + number })!)];
        Measure(windows, 2);
        var ratios = new List<double>();
        for (int i = 0; i < Turns; i++)
        {
            ratios.Add(Measure(windows, 2) / Measure(windows, 1));
        }

        ratios.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"rate limits of separate keys: two threads do {ratios[Turns / 2]:F2} times what one does (median of {Turns} turns; {ratios[0]:F2} to {ratios[^1]:F2})"));
        return 0;
    }

    private static double Measure(RateLimitWindow[] windows, int threads) => Measure(threads, number =>
    {
        RateLimitWindow window = windows[number];
        return () =>
        {
            for (int i = 0; i < 100; i++)
            {
                window.Release(window.TryAcquire().Stamp);
            }
        };
    });

    private static double Measure(ChainHost host, int threads) => Measure(threads, _ =>
    {
        GovernanceSession session = host.Governance.OpenSessionAsync(ChainHost.Agent).AsTask().GetAwaiter().GetResult();
        GovernedValue payload = host.Capture(out ValueArena _);
        return () =>
        {
            for (int i = 0; i < 100; i++)
            {
                host.Round(new GovernedAction(host.Tool, session, payload));
            }
        };
    });

    private static double Measure(int threads, Func<int, Action> prepare)
    {
        long total = 0;
        using var start = new Barrier(threads);
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(number => new Thread(() =>
        {
            Action hundred = prepare(number);
            long count = 0;
            start.SignalAndWait();
            for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < Turn;)
            {
                hundred();
                count += 100;
            }

            Interlocked.Add(ref total, count);
        }))];
        foreach (Thread worker in workers)
        {
            worker.Start();
        }

        foreach (Thread worker in workers)
        {
            worker.Join();
        }

        return total / Turn.TotalSeconds;
    }
}
