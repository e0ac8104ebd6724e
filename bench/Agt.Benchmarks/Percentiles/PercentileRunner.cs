using System.Diagnostics;
using System.Globalization;

namespace Agt.Benchmarks.Percentiles;

/// <summary>
/// Percentiles of operations that take less than the clock can tell apart: times batches of 16 calls, in rounds that take turns between the subjects (so that what disturbs
/// the machine disturbs all alike), and reports the batch time per call. Prints a Markdown table.
/// </summary>
internal static class PercentileRunner
{
    private const int Batch = 16;
    private const int Rounds = 40;
    private const int BatchesPerRound = 2_000;

    internal static int Run(string[] names)
    {
        PercentileSubject[] subjects = [.. PercentileSubjects.All().Where(s => names.Length == 0 || names.Any(n => s.Name.Contains(n, StringComparison.OrdinalIgnoreCase)))];
        if (subjects.Length == 0)
        {
            Console.Error.WriteLine("No subject matches. Subjects: " + string.Join(", ", PercentileSubjects.All().Select(s => s.Name)));
            return 2;
        }

        double[][] samples = [.. subjects.Select(_ => new double[Rounds * BatchesPerRound])];
        long[] bytes = new long[subjects.Length];
        double nanosecondsPerTick = 1e9 / Stopwatch.Frequency;
        foreach (PercentileSubject subject in subjects)
        {
            for (int i = 0; i < 60_000; i++)
            {
                subject.Call();
            }
        }

        Thread.Sleep(200);
        for (int round = 0; round < Rounds; round++)
        {
            for (int s = 0; s < subjects.Length; s++)
            {
                Action call = subjects[s].Call;
                long allocated = GC.GetAllocatedBytesForCurrentThread();
                for (int b = 0; b < BatchesPerRound; b++)
                {
                    long start = Stopwatch.GetTimestamp();
                    for (int i = 0; i < Batch; i++)
                    {
                        call();
                    }

                    samples[s][(round * BatchesPerRound) + b] = (Stopwatch.GetTimestamp() - start) * nanosecondsPerTick / Batch;
                }

                bytes[s] += GC.GetAllocatedBytesForCurrentThread() - allocated;
            }
        }

        Console.WriteLine("| Subject | p50 ns | p90 ns | p99 ns | bytes a call |");
        Console.WriteLine("|---|---:|---:|---:|---:|");
        for (int s = 0; s < subjects.Length; s++)
        {
            Array.Sort(samples[s]);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {subjects[s].Name} | {At(samples[s], 0.5):F0} | {At(samples[s], 0.9):F0} | {At(samples[s], 0.99):F0} | {(double)bytes[s] / (Rounds * (long)BatchesPerRound * Batch):F1} |"));
        }

        return 0;
    }

    private static double At(double[] sorted, double quantile) => sorted[(int)(quantile * (sorted.Length - 1))];
}
