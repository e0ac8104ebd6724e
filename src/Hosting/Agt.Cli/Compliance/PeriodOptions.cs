using System.CommandLine;
using System.Globalization;

namespace Agt.Cli.Compliance;

/// <summary>The period and the agent that a command is about. A day stands for all of it, in UTC.</summary>
internal sealed class PeriodOptions
{
    private static readonly string[] Times = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    internal Option<string> From { get; } = new("--from") { Description = "From this time on, itself included: 2026-11-01, or 2026-11-01T08:00:00Z.", HelpName = "TIME" };

    internal Option<string> To { get; } = new("--to") { Description = "Up to this time, itself included; a day is included as a whole.", HelpName = "TIME" };

    internal Option<string> Agent { get; } = new("--agent") { Description = "Only records of this agent: its id or DID.", HelpName = "AGENT" };

    internal void AddTo(Command command)
    {
        command.Add(From);
        command.Add(To);
        command.Add(Agent);
    }

    internal (DateTimeOffset? From, DateTimeOffset? To) Read(ParseResult parsed)
    {
        DateTimeOffset? from = Time("--from", parsed.GetValue(From), isEnd: false);
        DateTimeOffset? to = Time("--to", parsed.GetValue(To), isEnd: true);
        return from > to ? throw new CliException("--from is behind --to.", ExitCode.Usage) : (from, to);
    }

    private static DateTimeOffset? Time(string option, string? text, bool isEnd)
    {
        if (text is null)
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day))
        {
            var start = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
            return isEnd ? start.AddDays(1).AddMicroseconds(-1) : start;
        }

        return DateTimeOffset.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw new CliException($"{option} '{CliHost.Clean(text)}' is no time. Write 2026-11-01, or 2026-11-01T08:00:00Z.", ExitCode.Usage);
    }
}
