using System.CommandLine;
using Agt.Policy;

namespace Agt.Cli;

/// <summary><c>agt policy eval</c>: decides actions and writes one decision a line.</summary>
internal static class EvalCommand
{
    private const int MostLineBytes = 8 * 1024 * 1024;
    private const int FlushAt = 64 * 1024;

    internal static Command Create(CliHost host)
    {
        Option<string[]> policies = CommonOptions.Policies();
        var input = new Option<string?>("--input", "-i") { Description = "A file with one action as JSON (agt.action/1), or - for standard input.", HelpName = "FILE" };
        var batch = new Option<string?>("--batch", "-b") { Description = "A file with one action a line, or - for standard input. Decisions come in the same order.", HelpName = "FILE" };
        var clock = new Option<ClockMode>("--clock")
        {
            Description = "What rate limits count by: the timestamps of actions (an action without one is refused), the system's clock, or auto: timestamps once there is one.",
            DefaultValueFactory = _ => ClockMode.Auto,
            HelpName = "auto|timestamps|system",
        };
        var timings = new Option<bool>("--timings") { Description = "Add duration_us to each decision; the output is then not the same twice." };
        var failOnDeny = new Option<bool>("--fail-on-deny") { Description = "Exit with 3 if any action was denied or needs approval." };
        Option<bool> json = CommonOptions.Json("Write decisions as JSON lines, also for one action on a terminal.");
        var command = new ExampleCommand(
            "eval",
            "Decide actions, and write one decision as JSON a line (agt.decision/1). On a terminal, one action (--input) is shown for people unless --json is given.",
            """
            agt policy eval --policy policies/ --input action.json
            agt policy eval -p billing.yaml --batch actions.jsonl > decisions.jsonl
            echo '{"tool":"Orders.Find","args":{"id":7}}' | agt policy eval -p billing.yaml --input -
            """)
        {
            policies, input, batch, clock, timings, failOnDeny, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(input) is null == result.GetResult(batch) is null)
            {
                result.AddError("Give either --input or --batch.");
            }
        });
        command.SetAction((parsed, cancellationToken) =>
        {
            LoadedPolicies loaded = LoadedPolicies.Require(host, parsed.GetRequiredValue(policies));
            CompiledPolicySet set = loaded.Compile();
            var run = new Run(host, loaded, set, new ActionDecider(set, parsed.GetValue(clock), host.Time), parsed.GetValue(timings), parsed.GetValue(failOnDeny));
            return parsed.GetValue(batch) is { } lines
                ? run.BatchAsync(lines, cancellationToken)
                : run.OneAsync(parsed.GetValue(input)!, parsed.GetValue(json) || !host.IsTerminal, cancellationToken);
        });
        return command;
    }

    private sealed class Run(CliHost host, LoadedPolicies policies, CompiledPolicySet set, ActionDecider decider, bool timings, bool failOnDeny)
    {
        private readonly ActionReader _reader = new();
        private readonly DecisionWriter _writer = new(policies, set.SetDigest);
        private bool _bad;
        private bool _denied;

        private int Code => _bad ? ExitCode.Findings : failOnDeny && _denied ? ExitCode.Denied : ExitCode.Success;

        internal async Task<int> OneAsync(string path, bool json, CancellationToken cancellationToken)
        {
            byte[] bytes = await InputFile.ReadAllAsync(host, path, MostLineBytes, cancellationToken).ConfigureAwait(false);
            ActionInput action;
            Verdict verdict;
            TimeSpan duration;
            try
            {
                action = _reader.Read(bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsSpan(3) : bytes);
                long start = host.Time.GetTimestamp();
                verdict = decider.Decide(action);
                duration = host.Time.GetElapsedTime(start);
            }
            catch (ActionFormatException exception)
            {
                if (json)
                {
                    _writer.WriteError(null, exception.Message);
                    await FlushAsync(cancellationToken).ConfigureAwait(false);
                }

                throw new CliException($"{InputFile.Name(path)}: {exception.Message}", ExitCode.Findings);
            }

            Note(verdict);
            if (json)
            {
                _writer.Write(null, action, verdict, timings ? duration : null);
                await FlushAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                DecisionView.Write(host, new DecisionFacts(verdict, policies), timings ? duration : null);
            }

            return Code;
        }

        internal async Task<int> BatchAsync(string path, CancellationToken cancellationToken)
        {
            await using Stream stream = InputFile.Open(host, path);
            var lines = new LineReader(stream, MostLineBytes);
            long decided = 0;
            while (true)
            {
                // Whoever waits for a decision before he sends the next action gets it.
                if (_writer.Written.Length >= FlushAt || !lines.HasBufferedLine)
                {
                    await FlushAsync(cancellationToken).ConfigureAwait(false);
                }

                cancellationToken.ThrowIfCancellationRequested();
                if (!await InputFile.GuardAsync(path, () => lines.ReadAsync(cancellationToken)).ConfigureAwait(false))
                {
                    break;
                }

                if (!lines.IsTooLong && lines.Current.Span.IndexOfAnyExcept((byte)' ', (byte)'\t') < 0)
                {
                    continue;
                }

                decided++;
                Decide(lines);
            }

            await FlushAsync(cancellationToken).ConfigureAwait(false);
            return decided > 0 ? Code : throw new CliException($"{InputFile.Name(path)}: there is no action in it.", ExitCode.Findings);
        }

        private void Decide(LineReader lines)
        {
            try
            {
                if (lines.IsTooLong)
                {
                    throw new ActionFormatException($"The line has more than {MostLineBytes} bytes.");
                }

                ActionInput action = _reader.Read(lines.Current.Span);
                long start = timings ? host.Time.GetTimestamp() : 0;
                Verdict verdict = decider.Decide(action);
                Note(verdict);
                _writer.Write(lines.Number, action, verdict, timings ? host.Time.GetElapsedTime(start) : null);
            }
            catch (ActionFormatException exception)
            {
                _bad = true;
                _writer.WriteError(lines.Number, exception.Message);
            }
        }

        private void Note(Verdict verdict) => _denied |= verdict.Outcome is VerdictOutcome.Deny or VerdictOutcome.Escalate;

        private async ValueTask FlushAsync(CancellationToken cancellationToken)
        {
            if (_writer.Written.Length > 0)
            {
                await host.Output.WriteAsync(_writer.Written, cancellationToken).ConfigureAwait(false);
                await host.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
                _writer.Clear();
            }
        }
    }
}
