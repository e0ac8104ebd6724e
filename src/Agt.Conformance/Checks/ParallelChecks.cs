using System.Globalization;
using Agt.Signals;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Conformance;

/// <summary>What happens at once.</summary>
internal static class ParallelChecks
{
    private const int Calls = 32;

    internal static async Task LimitHolds(CheckContext context)
    {
        await using CheckHost host = await CheckHost.StartAsync(context.Make, [], limits: new SessionLimits { MaxToolCalls = 8 }).ConfigureAwait(false);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int arrived = 0;
        host.Probes["probe_read"].Respond = async _ =>
        {
            if (Interlocked.Increment(ref arrived) == 8)
            {
                all.SetResult();
            }

            // Only calls that overlap show whether the adapter keeps them apart.
            await all.Task.WaitAsync(TimeSpan.FromSeconds(2)).ConfigureAwait(false);
            return "ok";
        };
        DriveResult[] results = await Task.WhenAll(Enumerable.Range(0, Calls).Select(_ => Task.Run(() => host.CallAsync()))).ConfigureAwait(false);
        Expect.Calls(host.Probes["probe_read"], 8, "32 calls at once with a limit of 8");
        Expect.Same(Calls - 8, results.Count(result => result.IsDenied), "the denied calls");
        Expect.Same(8, host.Session.ToolCalls, "the calls that the session counts");
        Expect.That(host.ToolDecisions.Count == Calls, $"{Calls} decisions", host.ToolDecisions.Count);
    }

    internal static async Task BatchIsAnswered(CheckContext context)
    {
        string? denied = null;
        await using CheckHost host = await context.StartAsync(Hook.OnTool(call => call.Template.Tool!.Name == denied ? Verdict.Deny(CallChecks.No) : default)).ConfigureAwait(false);
        denied = host.IdOf("probe_write");
        host.Probes.Model.Calls(host.Call("c-1", "probe_read"), host.Call("c-2", "probe_write"), host.Call("c-3", "probe_send"));
        host.Probes.Model.Says("done");
        await host.TurnAsync().ConfigureAwait(false);
        Expect.Calls(host.Probes["probe_write"], 0, "the denied call of a batch");
        Expect.Calls(host.Probes["probe_read"], 1, "the first call of a batch");
        Expect.Calls(host.Probes["probe_send"], 1, "the third call of a batch");
        IReadOnlyList<ModelMessage> last = host.Probes.Model.Requests.Last();
        Expect.Same("c-1, c-2, c-3", string.Join(", ", last.Where(message => message.CallId is not null).Select(message => message.CallId).Order(StringComparer.Ordinal)), "the calls that are answered to the model");
        string answer = last.First(message => message.CallId == "c-2").Text;
        Expect.That(answer.Contains(CallChecks.No.PublicMessage, StringComparison.Ordinal), "the denied call to be answered with the public message", answer);
    }

    internal static async Task SessionsDoNotMix(CheckContext context)
    {
        int mixed = 0;
        await using CheckHost host = await context.StartAsync(Hook.OnTool(call =>
        {
            if (!(call.Payload.TryGetMember("path", out GovernedValue path) && path.AsString() == call.Session.Id.Value))
            {
                Interlocked.Increment(ref mixed);
            }

            return default;
        })).ConfigureAwait(false);
        host.Probes["probe_read"].Respond = async call =>
        {
            await Task.Yield();
            return call.Arguments;
        };
        GovernanceSession[] sessions = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.OpenAsync().AsTask())).ConfigureAwait(false);
        DriveResult[] results = await Task.WhenAll(Enumerable.Range(0, Calls).Select(number => Task.Run(() =>
        {
            GovernanceSession session = sessions[number % sessions.Length];
            return host.CallAsync(arguments: $$"""{"path":"{{session.Id}}"}""", session: session);
        }))).ConfigureAwait(false);
        Expect.That(mixed == 0, "every call in its own session", $"{mixed} in another one");
        for (int i = 0; i < results.Length; i++)
        {
            Expect.That(results[i].Text?.Contains($"\"{sessions[i % sessions.Length].Id}\"", StringComparison.Ordinal) == true, "the result of its own call", results[i]);
        }
    }

    internal static async Task NothingStaysReserved(CheckContext context)
    {
        int held = 0;
        int most = 0;
        var gate = new Hook("gate")
        {
            Before = call =>
            {
                if (call.Point == InterventionPoint.PreToolCall)
                {
                    most = Math.Max(most, Interlocked.Increment(ref held));
                }

                return default;
            },
            After = (call, _) =>
            {
                if (call.Template.Point == InterventionPoint.PreToolCall)
                {
                    Interlocked.Decrement(ref held);
                }

                return default;
            },
        };
        int number = 0;
        Hook moody = Hook.OnTool(_ => Interlocked.Increment(ref number) % 3 == 0 ? Verdict.Deny(CallChecks.No) : default, "moody", InterceptorStage.Content);
        await using CheckHost host = await context.StartAsync(gate, moody).ConfigureAwait(false);
        int run = 0;
        host.Probes["probe_read"].Respond = async _ =>
        {
            await Task.Yield();
            return Interlocked.Increment(ref run) % 2 == 0 ? throw new InvalidOperationException("boom") : "ok";
        };
        await Task.WhenAll(Enumerable.Range(0, Calls).Select(_ => Task.Run(() => host.CallAsync()))).ConfigureAwait(false);
        Expect.That(held == 0, "every interceptor to be told the end of every call, failed and denied ones too", $"{held} not told");
        Expect.That(most > 0, "calls to be seen", most);
    }

    internal static async Task CancellationPasses(CheckContext context)
    {
        await using CheckHost host = await context.StartAsync().ConfigureAwait(false);
        using (var before = new CancellationTokenSource())
        {
            await before.CancelAsync().ConfigureAwait(false);
            DriveResult result = await host.CallAsync(cancellationToken: before.Token).ConfigureAwait(false);
            Expect.That(result.Error is not null || result.IsDenied, "a call that was cancelled before not to succeed", result);
            Expect.Calls(host.Probes["probe_read"], 0, "a call that was cancelled before");
        }

        using var during = new CancellationTokenSource();
        host.Probes["probe_read"].Respond = async call =>
        {
            await during.CancelAsync().ConfigureAwait(false);
            await Task.Delay(TimeSpan.FromSeconds(20), call.CancellationToken).ConfigureAwait(false);
            return "not cancelled";
        };
        DriveResult running = await host.CallAsync(cancellationToken: during.Token).ConfigureAwait(false);
        Expect.That(running.Text != "not cancelled", "the tool to be told that its call is cancelled", running);
        Expect.That(host.Records.Any(record => record.Status == OutcomeStatus.Cancelled), "a record of a cancelled call", string.Join(", ", host.Records.Select(record => record.Status)));
    }

    internal static async Task StopHoldsBack(CheckContext context)
    {
        await using CheckHost host = await context.StartAsync().ConfigureAwait(false);
        GovernanceSignals signals = host.Services.GetRequiredService<GovernanceSignals>();
        GovernanceSession other = await host.OpenAsync().ConfigureAwait(false);
        signals.Stop(SignalTarget.ForSession(host.Session));
        Task<DriveResult>[] held = [.. Enumerable.Range(0, 3).Select(number => host.CallAsync(arguments: string.Create(CultureInfo.InvariantCulture, $$"""{"count":{{number}}}""")))];
        Expect.Allowed(await host.CallAsync("probe_write", session: other).ConfigureAwait(false), "a call in a session that is not stopped");
        Expect.Calls(host.Probes["probe_read"], 0, "a session that is stopped");
        signals.Continue(SignalTarget.ForSession(host.Session));
        foreach (DriveResult result in await Task.WhenAll(held).ConfigureAwait(false))
        {
            Expect.Allowed(result, "a call after the session goes on");
        }

        Expect.Calls(host.Probes["probe_read"], 3, "a session that goes on");
    }
}
