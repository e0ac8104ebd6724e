using Agt.Values;

namespace Agt.Conformance;

/// <summary>Turns of a model.</summary>
internal static class ModelChecks
{
    private const string Marker = "MARKER-4711";

    internal static async Task EverySpellingIsDenied(CheckContext context)
    {
        int spellings;
        await using (CheckHost host = await context.StartAsync().ConfigureAwait(false))
        {
            spellings = host.Fixture.SpellingsOf("probe_read").Count;
        }

        for (int i = 0; i < spellings; i++)
        {
            string? id = null;
            await using CheckHost host = await context.StartAsync(Hook.OnTool(call => call.Template.Tool!.Name == id ? Verdict.Deny(CallChecks.No) : default)).ConfigureAwait(false);
            id = host.IdOf("probe_read");
            string spelling = host.Fixture.SpellingsOf("probe_read")[i];
            host.Probes.Model.Calls(new ModelCall("c-1", spelling, "{}"));
            host.Probes.Model.Says("done");
            await host.TurnAsync().ConfigureAwait(false);
            Expect.That(host.Probes["probe_read"].Calls.Count == 0, $"the denied tool not to run when a model calls it '{spelling}'", "it ran");
        }
    }

    internal static async Task OneEvaluationACall(CheckContext context)
    {
        int before = 0;
        int after = 0;
        var counts = new Hook("counts")
        {
            Before = call =>
            {
                before += call.Point == InterventionPoint.PreToolCall ? 1 : 0;
                return default;
            },
            After = (call, _) =>
            {
                after += call.Point == InterventionPoint.PostToolCall ? 1 : 0;
                return default;
            },
        };
        await using CheckHost host = await context.StartAsync(counts).ConfigureAwait(false);
        host.Probes.Model.Calls(host.Call("c-1", "probe_read"));
        host.Probes.Model.Says("done");
        await host.TurnAsync().ConfigureAwait(false);
        Expect.Calls(host.Probes["probe_read"], 1, "a call of a model");
        Expect.Same("1, 1", $"{before}, {after}", "how often interceptors are asked before and after");
        Expect.Same(1, host.Session.ToolCalls, "the calls that the session counts");
        Expect.That(host.ToolDecisions.Count == 1, "one decision record", host.ToolDecisions.Count);
    }

    internal static async Task DeniedInputReachesNoModel(CheckContext context)
    {
        await using CheckHost host = await context.StartAsync(Hook.At(InterventionPoint.PreModelCall, _ => Verdict.Deny(CallChecks.No))).ConfigureAwait(false);
        DriveResult result = await host.TurnAsync().ConfigureAwait(false);
        Expect.That(host.Probes.Model.Requests.Count == 0, "no request to the model", host.Probes.Model.Requests.Count);
        Expect.Denied(result, "the turn");
    }

    internal static async Task InputIsReplaced(CheckContext context)
    {
        string? at = null;
        await using CheckHost host = await context.StartAsync(Hook.At(InterventionPoint.PreModelCall, call =>
        {
            at = CheckHost.Find(call.Payload, Marker, "args");
            return at is null ? default : Verdict.Transform(ReasonCodes.RuleMatched, Patch.Set(PatchPath.Parse(at), GovernedValue.From("clean")));
        })).ConfigureAwait(false);
        host.Probes.Model.Says("done");
        await host.TurnAsync(Marker).ConfigureAwait(false);
        Expect.That(at is not null, "the prompt to be visible in the request", "it is not");
        string sent = string.Join('\n', host.Probes.Model.Requests.SelectMany(request => request).Select(message => message.Text));
        Expect.That(host.Probes.Model.Requests.Count == 1 && sent.Contains("clean", StringComparison.Ordinal) && !sent.Contains(Marker, StringComparison.Ordinal), "the model to get the rewritten prompt", sent);
    }

    internal static async Task OutputIsGoverned(CheckContext context)
    {
        await using (CheckHost host = await context.StartAsync(Hook.OnResult(InterventionPoint.PostModelCall, _ => Verdict.Deny(CallChecks.No))).ConfigureAwait(false))
        {
            host.Probes.Model.Says(Marker);
            DriveResult result = await host.TurnAsync().ConfigureAwait(false);
            Expect.That(!result.Readable.Contains(Marker, StringComparison.Ordinal), "a denied reply not to be shown", result);
            Expect.Denied(result, "the turn");
        }

        await using (CheckHost host = await context.StartAsync(Hook.OnResult(
            InterventionPoint.PostModelCall,
            call => CheckHost.Find(call.Output, Marker, "output") is { } path ? Verdict.Transform(ReasonCodes.RuleMatched, Patch.Set(PatchPath.Parse(path), GovernedValue.From("clean"))) : default)).ConfigureAwait(false))
        {
            host.Probes.Model.Says(Marker);
            DriveResult result = await host.TurnAsync().ConfigureAwait(false);
            Expect.That(result.Readable.Contains("clean", StringComparison.Ordinal) && !result.Readable.Contains(Marker, StringComparison.Ordinal), "the rewritten reply", result);
        }
    }

    internal static async Task PartsAreVisible(CheckContext context)
    {
        var seen = new List<string>();
        await using CheckHost host = await context.StartAsync(Hook.At(InterventionPoint.PreModelCall, call =>
        {
            seen.Add(CanonicalJson.ToString(call.Payload));
            return default;
        })).ConfigureAwait(false);
        host.Probes["probe_read"].Respond = _ => ValueTask.FromResult("RESULT-1");
        host.Probes.Model.Calls(host.Call("c-1", "probe_read", """{"path":"ARGUMENT-1"}"""));
        host.Probes.Model.Says("done");
        await host.TurnAsync("PROMPT-1").ConfigureAwait(false);
        if (host.Records.Count(record => !record.IsOutcome && record.Template.Point == InterventionPoint.PreModelCall) < 2)
        {
            // A framework whose loop is one request to the adapter shows the first request only; the calls in it are governed as tools.
            Expect.That(seen.Count == 1 && seen[0].Contains("PROMPT-1", StringComparison.Ordinal), "the prompt in the request", seen.FirstOrDefault());
            return;
        }

        foreach (string part in (string[])["PROMPT-1", "ARGUMENT-1", "RESULT-1"])
        {
            Expect.That(seen[^1].Contains(part, StringComparison.Ordinal), $"{part} in the second request", seen[^1]);
        }
    }

    internal static async Task TerminationStops(CheckContext context)
    {
        await using CheckHost host = await CheckHost.StartAsync(context.Make, [Hook.OnTool(_ => Verdict.Deny(CallChecks.No))], terminate: true).ConfigureAwait(false);
        host.Probes.Model.Calls(host.Call("c-1", "probe_read"));
        host.Probes.Model.Says("more");
        await host.TurnAsync().ConfigureAwait(false);
        Expect.Calls(host.Probes["probe_read"], 0, "a denied call");
        Expect.Same(1, host.Probes.Model.Requests.Count, "the requests to the model");
    }

    internal static async Task NoExtraWork(CheckContext context)
    {
        int evaluations = 0;
        await using CheckHost host = await context.StartAsync(Hook.At(InterventionPoint.PreModelCall, _ =>
        {
            evaluations++;
            return default;
        })).ConfigureAwait(false);
        host.Probes.Model.Says("done");
        await host.TurnAsync().ConfigureAwait(false);
        Expect.Same(1, host.Probes.Model.Requests.Count, "the requests to the model");
        Expect.Same(1, evaluations, "the decisions on requests to the model");
    }
}
