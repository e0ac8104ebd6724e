using Agt.Signals;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Conformance;

/// <summary>Sessions, budgets and time.</summary>
internal static class SessionChecks
{
    internal static async Task StartAndShutdown(CheckContext context)
    {
        await using (CheckHost host = await CheckHost.StartAsync(context.Make, [Hook.At(InterventionPoint.AgentStartup, _ => Verdict.Deny(CallChecks.No))], openSession: false).ConfigureAwait(false))
        {
            DriveResult result = await host.Fixture.CallToolAsync(new ToolDrive("probe_read", "{}"), CancellationToken.None).ConfigureAwait(false);
            Expect.Denied(result, "a call of an agent that may not start");
            Expect.Calls(host.Probes["probe_read"], 0, "an agent that may not start");
        }

        int shutdowns = 0;
        var counts = new Hook("counts")
        {
            After = (call, _) =>
            {
                shutdowns += call.Point == InterventionPoint.AgentShutdown ? 1 : 0;
                return default;
            },
        };
        await using (CheckHost host = await context.StartAsync(counts).ConfigureAwait(false))
        {
            await host.CallAsync().ConfigureAwait(false);
            Expect.That(shutdowns == 0, "no shutdown while the session is open", shutdowns);
            await host.Session.DisposeAsync().ConfigureAwait(false);
            await host.Session.DisposeAsync().ConfigureAwait(false);
            Expect.That(shutdowns == 1, "one shutdown", shutdowns);
            Expect.Denied(await host.CallAsync().ConfigureAwait(false), "a call in a session that has ended");
            Expect.Calls(host.Probes["probe_read"], 1, "a session that has ended");
        }
    }

    internal static async Task KillReachesTheSession(CheckContext context)
    {
        await using CheckHost host = await context.StartAsync().ConfigureAwait(false);
        Expect.Allowed(await host.CallAsync().ConfigureAwait(false), "a call before the kill");
        host.Services.GetRequiredService<GovernanceSignals>().Kill(SignalTarget.ForSession(host.Session));
        Expect.Denied(await host.CallAsync().ConfigureAwait(false), "a call after the kill");
        Expect.Calls(host.Probes["probe_read"], 1, "a kill");
        Expect.Allowed(await host.CallAsync(session: await host.OpenAsync().ConfigureAwait(false)).ConfigureAwait(false), "a call in another session");
    }

    internal static async Task SessionsAreApart(CheckContext context)
    {
        await using CheckHost host = await CheckHost.StartAsync(context.Make, [], limits: new SessionLimits { MaxToolCalls = 1 }).ConfigureAwait(false);
        GovernanceSession other = await host.OpenAsync(new SessionLimits { MaxToolCalls = 1 }).ConfigureAwait(false);
        Expect.Allowed(await host.CallAsync().ConfigureAwait(false), "the first call of the first session");
        Expect.Denied(await host.CallAsync().ConfigureAwait(false), "the second call of the first session");
        Expect.Allowed(await host.CallAsync(session: other).ConfigureAwait(false), "the first call of the second session");
        Expect.Same("1, 1", $"{host.Session.ToolCalls}, {other.ToolCalls}", "the calls that each session counts");
    }

    internal static async Task LimitCountsWhatRan(CheckContext context)
    {
        bool denies = false;
        await using CheckHost host = await CheckHost.StartAsync(context.Make, [Hook.OnTool(_ => denies ? Verdict.Deny(CallChecks.No) : default)], limits: new SessionLimits { MaxToolCalls = 3 }).ConfigureAwait(false);
        denies = true;
        await host.CallAsync().ConfigureAwait(false);
        denies = false;
        Expect.Same(0, host.Session.ToolCalls, "the calls used after a denial");
        host.Probes["probe_read"].Respond = _ => throw new InvalidOperationException("boom");
        await host.CallAsync().ConfigureAwait(false);
        Expect.Same(1, host.Session.ToolCalls, "the calls used after a failure");
        host.Probes["probe_read"].Respond = _ => ValueTask.FromResult("ok");
        Expect.Allowed(await host.CallAsync().ConfigureAwait(false), "the second call");
        Expect.Allowed(await host.CallAsync().ConfigureAwait(false), "the third call");
        Expect.Denied(await host.CallAsync().ConfigureAwait(false), "the fourth call of three");
        Expect.Calls(host.Probes["probe_read"], 3, "a limit of three");
    }

    internal static async Task TimeIsOver(CheckContext context)
    {
        await using CheckHost host = await CheckHost.StartAsync(context.Make, [], limits: new SessionLimits { Duration = TimeSpan.FromSeconds(10) }).ConfigureAwait(false);
        Expect.Allowed(await host.CallAsync().ConfigureAwait(false), "a call in time");
        host.Time.Advance(TimeSpan.FromSeconds(11));
        Expect.Denied(await host.CallAsync().ConfigureAwait(false), "a call after the time of the session");
        Expect.Calls(host.Probes["probe_read"], 1, "a session whose time is over");
    }

    internal static async Task TokensAddUp(CheckContext context)
    {
        await using CheckHost host = await CheckHost.StartAsync(context.Make, [], limits: new SessionLimits { MaxTokens = 100 }).ConfigureAwait(false);
        host.Probes.Model.Says("one", tokens: 60);
        host.Probes.Model.Says("two", tokens: 60);
        host.Probes.Model.Says("three", tokens: 60);
        await host.TurnAsync().ConfigureAwait(false);
        long first = host.Session.Tokens;
        Expect.That(first > 0, "tokens to be counted", first);
        await host.TurnAsync().ConfigureAwait(false);
        Expect.That(host.Session.Tokens > first, $"more than {first} tokens", host.Session.Tokens);
        host.Session.ReportTokens(100);
        int asked = host.Probes.Model.Requests.Count;
        Expect.Denied(await host.TurnAsync().ConfigureAwait(false), "a turn after the tokens are used up");
        Expect.Same(asked, host.Probes.Model.Requests.Count, "the requests to the model");
    }
}
