namespace Agt.Audit.Export;

/// <summary>How records get to a sink (spec 09, AUD-510).</summary>
public sealed class ExportOptions
{
    /// <summary>The most records of a batch, 1 to 10,000. Default 100.</summary>
    public int BatchSize { get; set; } = 100;

    /// <summary>How long a batch may wait for more, 1 ms to 1 h. Default 2 s.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(2_000);

    /// <summary>How long one export may take, 1 ms to 10 min. Default 10 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(10_000);

    /// <summary>Failures in a row after which the sink is left alone for <see cref="BreakDuration"/>; then one batch tries. 1 to 1,000. Default 5.</summary>
    public int BreakAfterFailures { get; set; } = 5;

    /// <summary>How long a sink is left alone, 1 ms to 1 h. Default 60 s.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long closing the log waits for the sink to catch up, up to 1 min. What it does not reach by then comes after the next start. Default 5 s.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromMilliseconds(5_000);

    /// <summary>Where a sink without a cursor begins: with the first record of the log (default), or with what is written from now on.</summary>
    public bool FromNow { get; set; }

    /// <exception cref="ArgumentException">Something is out of range.</exception>
    internal void Check(string sink)
    {
        if (sink.Length is 0 or > 64 || sink[0] == '.' || sink.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_')))
        {
            throw new ArgumentException($"'{sink}' is no name of a sink: 1 to 64 letters, digits, dots, dashes and underscores, and no dot first.");
        }

        Require(BatchSize is >= 1 and <= 10_000, $"{nameof(BatchSize)} is {BatchSize}, not 1 to 10000.");
        Require(BreakAfterFailures is >= 1 and <= 1_000, $"{nameof(BreakAfterFailures)} is {BreakAfterFailures}, not 1 to 1000.");
        Range(Delay, TimeSpan.FromHours(1), nameof(Delay));
        Range(Timeout, TimeSpan.FromMinutes(10), nameof(Timeout));
        Range(BreakDuration, TimeSpan.FromHours(1), nameof(BreakDuration));
        Require(ShutdownTimeout >= TimeSpan.Zero && ShutdownTimeout <= TimeSpan.FromMinutes(1), $"{nameof(ShutdownTimeout)} is {ShutdownTimeout}, not 0 to 1 min.");

        void Range(TimeSpan value, TimeSpan most, string name) => Require(value >= TimeSpan.FromMilliseconds(1) && value <= most, $"{name} is {value}, not 1 ms to {most}.");

        void Require(bool good, string problem)
        {
            if (!good)
            {
                throw new ArgumentException($"The sink '{sink}': {problem}");
            }
        }
    }
}
