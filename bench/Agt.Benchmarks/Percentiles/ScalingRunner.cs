using System.Diagnostics;
using System.Globalization;
using Agt.Benchmarks.Chain;
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
        return 0;
    }

    private static double Measure(ChainHost host, int threads)
    {
        long total = 0;
        using var start = new Barrier(threads);
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            GovernanceSession session = host.Governance.OpenSessionAsync(ChainHost.Agent).AsTask().GetAwaiter().GetResult();
            GovernedValue payload = host.Capture(out ValueArena _);
            long count = 0;
            start.SignalAndWait();
            for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < Turn;)
            {
                for (int i = 0; i < 100; i++)
                {
                    host.Round(new GovernedAction(host.Tool, session, payload));
                }

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
