using Agt.Audit;
using Agt.Values;

namespace Agt.Conformance;

/// <summary>Calls of single tools.</summary>
internal static class CallChecks
{
    private const string Secret = "s3cret-rule-7c1";

    internal static readonly ReasonCode No = ReasonCodes.RuleDenied;

    internal static async Task AllowedRunsOnceUntouched(CheckContext context)
    {
        await using CheckHost host = await context.StartAsync().ConfigureAwait(false);
        host.Probes["probe_read"].Respond = _ => ValueTask.FromResult("result 1");
        const string arguments = """{"count":3,"flag":true,"nested":{"a":[1,"x"],"b":null},"note":null,"path":"/a"}""";

        DriveResult result = await host.CallAsync(arguments: arguments).ConfigureAwait(false);

        Expect.Allowed(result, "the call");
        Expect.Calls(host.Probes["probe_read"], 1, "an allowed call");
        Expect.Same(arguments, host.Probes["probe_read"].Calls.First().Arguments, "the arguments of the tool");
        Expect.Same("result 1", result.Text, "the result");
        Expect.That(host.ToolDecisions.Count == 1, "one decision", host.ToolDecisions.Count);
    }

    internal static async Task DeniedNeverRuns(CheckContext context)
    {
        await using CheckHost host = await context.StartAsync(Hook.OnTool(_ => Verdict.Deny(No))).ConfigureAwait(false);
        DriveResult result = await host.CallAsync().ConfigureAwait(false);
        Expect.Calls(host.Probes["probe_read"], 0, "a denied call");
        Expect.Denied(result, "the call");
        if (host.Fixture.Descriptor.Points.Contains(InterventionPoint.PreModelCall))
        {
            host.Probes.Model.Calls(host.Call("c-1", "probe_read"));
            host.Probes.Model.Says("done");
            await host.TurnAsync().ConfigureAwait(false);
            Expect.Calls(host.Probes["probe_read"], 0, "a denied call that a model asks for");
        }
    }

    internal static async Task EvaluateOnlyChangesNothing(CheckContext context)
    {
        IInterceptor[] hooks =
        [
            Hook.OnTool(_ => Verdict.Transform(ReasonCodes.RuleMatched, Patch.Set(PatchPath.Parse("args.path"), GovernedValue.From("/changed"))), "rewrites"),
            Hook.OnTool(_ => Verdict.Deny(No)),
            Hook.OnResult(InterventionPoint.PostToolCall, _ => Verdict.Deny(No)),
        ];
        await using CheckHost host = await CheckHost.StartAsync(context.Make, hooks, options: options => options.Mode = GovernanceMode.EvaluateOnly).ConfigureAwait(false);
        host.Probes["probe_read"].Respond = _ => ValueTask.FromResult("result 1");

        DriveResult result = await host.CallAsync().ConfigureAwait(false);

        Expect.Allowed(result, "a call that would be denied");
        Expect.That(host.Probes["probe_read"].Calls.Count > 0, "the call to run", host.Probes["probe_read"].Calls.Count);
        Expect.That(
            host.Probes["probe_read"].Calls.All(call => !call.Arguments.Contains("/changed", StringComparison.Ordinal)), "no rewrite of what is only evaluated", host.Probes["probe_read"].Calls.First().Arguments);
        Expect.That(host.ToolDecisions.All(record => record.Decision is { IsAllowed: false, IsEnforced: false }), "a record of the denial, marked as not enforced", host.ToolDecisions.Count);
    }

    internal static async Task DenialIsPublic(CheckContext context)
    {
        await using CheckHost host = await context.StartAsync(Hook.OnTool(_ => Verdict.Deny(No))).ConfigureAwait(false);
        DriveResult result = await host.CallAsync().ConfigureAwait(false);
        LoggedRecord decision = host.ToolDecisions.Single();
        Expect.That(result.Readable.Contains(No.PublicMessage, StringComparison.Ordinal), $"the public message '{No.PublicMessage}'", result);
        Expect.That(result.Readable.Contains(decision.DecisionId.ToString(), StringComparison.Ordinal), $"the decision id {decision.DecisionId}", result);
    }

    internal static async Task NothingLeaks(CheckContext context)
    {
        await using (CheckHost host = await context.StartAsync(Hook.OnTool(_ => Verdict.Deny(No, Secret))).ConfigureAwait(false))
        {
            DriveResult result = await host.CallAsync().ConfigureAwait(false);
            Expect.That(!result.Readable.Contains(Secret, StringComparison.Ordinal), "no explanation of a rule to be shown", result);
        }

        await using (CheckHost host = await context.StartAsync(Hook.OnTool(_ => throw new InvalidOperationException(Secret))).ConfigureAwait(false))
        {
            DriveResult result = await host.CallAsync().ConfigureAwait(false);
            Expect.That(!result.Readable.Contains(Secret, StringComparison.Ordinal), "no exception of an interceptor to be shown", result);
            if (host.Fixture.Descriptor.Points.Contains(InterventionPoint.PreModelCall))
            {
                host.Probes.Model.Calls(host.Call("c-1", "probe_read"));
                host.Probes.Model.Says("done");
                DriveResult turn = await host.TurnAsync().ConfigureAwait(false);
                string seen = turn.Readable + string.Join('\n', host.Probes.Model.Requests.SelectMany(request => request).Select(message => message.Text));
                Expect.That(!seen.Contains(Secret, StringComparison.Ordinal), "no exception of an interceptor to reach the model or the caller", seen);
            }
        }
    }

    internal static async Task DenialBeatsAllows(CheckContext context)
    {
        foreach (bool first in (bool[])[true, false])
        {
            Hook allows = Hook.OnTool(_ => Verdict.Warn(ReasonCodes.RuleMatched), "allows");
            Hook denies = Hook.OnTool(_ => Verdict.Deny(No), "denies");
            await using CheckHost host = await (first ? context.StartAsync(denies, allows) : context.StartAsync(allows, denies)).ConfigureAwait(false);
            Expect.Denied(await host.CallAsync().ConfigureAwait(false), "a call that one allows and one denies");
            Expect.Calls(host.Probes["probe_read"], 0, "a denied call");
        }
    }

    internal static async Task EverythingIsVisible(CheckContext context)
    {
        string seen = string.Empty;
        await using CheckHost host = await context.StartAsync(Hook.OnTool(call =>
        {
            seen = CanonicalJson.ToString(call.Payload);
            return default;
        })).ConfigureAwait(false);
        const string arguments = """{"nested":{"Deep_Key":[{"x":"NeEdLe"}]},"note":null,"path":"/a"}""";
        await host.CallAsync(arguments: arguments).ConfigureAwait(false);
        Expect.Same(arguments, seen, "what interceptors see");
    }

    internal static async Task WithheldResult(CheckContext context)
    {
        await using CheckHost host = await context.StartAsync(Hook.OnResult(InterventionPoint.PostToolCall, _ => Verdict.Deny(No))).ConfigureAwait(false);
        host.Probes["probe_read"].Respond = _ => ValueTask.FromResult(Secret);
        DriveResult result = await host.CallAsync().ConfigureAwait(false);
        Expect.Calls(host.Probes["probe_read"], 1, "a call whose result is denied");
        Expect.Denied(result, "the result");
        Expect.That(!result.Readable.Contains(Secret, StringComparison.Ordinal), "the withheld result not to be shown", result);
        LoggedRecord? outcome = host.Records.FirstOrDefault(record => record.Status == OutcomeStatus.Completed);
        Expect.That(outcome?.Decision is { IsAllowed: false }, "a record of a completed call with a denied result", outcome);
    }

    internal static async Task BrokenInterceptorDenies(CheckContext context)
    {
        foreach (Hook broken in (Hook[])[Hook.OnTool(_ => throw new InvalidOperationException("broken")), Hook.OnTool(_ => new Verdict((VerdictOutcome)77, new VerdictDetail(No)))])
        {
            await using CheckHost host = await context.StartAsync(broken).ConfigureAwait(false);
            Expect.Denied(await host.CallAsync().ConfigureAwait(false), "a call with a broken interceptor");
            Expect.Calls(host.Probes["probe_read"], 0, "a broken interceptor");
        }

        var asked = new TaskCompletionSource();
        var hanging = new Hook("hangs")
        {
            Before = call =>
            {
                if (call.Point != InterventionPoint.PreToolCall)
                {
                    return default;
                }

                asked.TrySetResult();
                return new ValueTask<Verdict>(new TaskCompletionSource<Verdict>().Task);
            },
        };
        await using (CheckHost host = await context.StartAsync(hanging).ConfigureAwait(false))
        {
            Task<DriveResult> running = host.CallAsync();
            await asked.Task.ConfigureAwait(false);
            while (!running.IsCompleted)
            {
                host.Time.Advance(TimeSpan.FromSeconds(6));
                await Task.Yield();
            }

            Expect.Denied(await running.ConfigureAwait(false), "a call with an interceptor that never answers");
            Expect.Calls(host.Probes["probe_read"], 0, "an interceptor that never answers");
        }
    }

    internal static async Task OrderHolds(CheckContext context)
    {
        var order = new List<string>();
        Hook Step(string name, InterceptorStage stage, bool denies = false) => new(name, stage)
        {
            Before = call =>
            {
                if (call.Point == InterventionPoint.PreToolCall)
                {
                    order.Add("+" + name);
                }

                return new(denies && call.Point == InterventionPoint.PreToolCall ? Verdict.Deny(No) : default);
            },
            After = (call, _) =>
            {
                if (call.Template.Point == InterventionPoint.PreToolCall)
                {
                    order.Add("-" + name);
                }

                return default;
            },
        };
        await using (CheckHost host = await context.StartAsync(Step("c", InterceptorStage.Content), Step("a", InterceptorStage.Containment), Step("p", InterceptorStage.Policy)).ConfigureAwait(false))
        {
            await host.CallAsync().ConfigureAwait(false);
        }

        Expect.Same("+a+p+c-c-p-a", string.Concat(order), "the order of interceptors");
        order.Clear();
        await using (CheckHost host = await context.StartAsync(Step("c", InterceptorStage.Content), Step("a", InterceptorStage.Containment), Step("p", InterceptorStage.Policy, denies: true)).ConfigureAwait(false))
        {
            await host.CallAsync().ConfigureAwait(false);
        }

        Expect.Same("+a+p-a", string.Concat(order), "the order of interceptors when the second denies");
    }

    internal static async Task NestedCallIsAChild(CheckContext context)
    {
        var seen = new System.Collections.Concurrent.ConcurrentQueue<GovernedAction>();
        await using CheckHost host = await context.StartAsync(Hook.OnTool(call =>
        {
            seen.Enqueue(call.Action);
            return default;
        })).ConfigureAwait(false);
        host.Probes["probe_read"].Respond = async _ =>
        {
            // The scope of the effect is what the adapter left here: the nested call must find it by itself.
            DriveResult inner = await host.Fixture.CallToolAsync(new ToolDrive("probe_write", "{}"), CancellationToken.None).ConfigureAwait(false);
            return inner.Text ?? "failed";
        };
        await host.CallAsync().ConfigureAwait(false);
        GovernedAction[] actions = [.. seen];
        Expect.That(actions.Length == 2, "two decisions", actions.Length);
        Expect.That(ReferenceEquals(actions[1].Parent, actions[0]), "the inner call to have the outer one as its parent", actions[1].Parent?.Template.Tool?.Name);
        Expect.That(ReferenceEquals(actions[1].Session, host.Session), "the inner call in the session of the outer one", actions[1].Session.Id);
    }

    internal static async Task ExceptionKeepsItsType(CheckContext context)
    {
        await using CheckHost host = await context.StartAsync().ConfigureAwait(false);
        host.Probes["probe_read"].Respond = _ => throw new InvalidTimeZoneException("boom");
        DriveResult result = await host.CallAsync().ConfigureAwait(false);
        bool found = false;
        for (Exception? each = result.Error; each is not null; each = each.InnerException)
        {
            found |= each is InvalidTimeZoneException;
        }

        Expect.That(found, "the exception of the tool, or one with it inside", result);
        Expect.That(host.Records.Any(record => record.Status == OutcomeStatus.Failed), "a record of a failed call", string.Join(", ", host.Records.Select(record => record.Status)));
    }

    internal static async Task OversizedArgumentsDenied(CheckContext context)
    {
        await using CheckHost host = await context.StartAsync().ConfigureAwait(false);
        string deep = string.Concat(Enumerable.Repeat("{\"d\":", 70)) + "1" + new string('}', 70);
        Expect.Denied(await host.CallAsync(arguments: $$"""{"nested":{{deep}}}""").ConfigureAwait(false), "arguments 70 deep");
        Expect.Denied(await host.CallAsync(arguments: $$"""{"path":"{{new string('a', 5_000_000)}}"}""").ConfigureAwait(false), "an argument of 5,000,000 characters");
        Expect.Calls(host.Probes["probe_read"], 0, "arguments beyond the bounds");
    }

    internal static async Task NoGrowth(CheckContext context)
    {
        await using CheckHost host = await context.StartAsync().ConfigureAwait(false);
        host.Probes["probe_read"].Forgets = true;
        long least = long.MaxValue;
        for (int round = 0; round < 6 && least >= 2_000_000; round++)
        {
            long before = GC.GetTotalMemory(forceFullCollection: true);
            for (int i = 0; i < 10_000; i++)
            {
                await host.CallAsync().ConfigureAwait(false);
            }

            // The first round fills caches, and other tests run beside this one: what leaks, grows in every round.
            least = round == 0 ? least : Math.Min(least, GC.GetTotalMemory(forceFullCollection: true) - before);
        }

        Expect.That(least < 2_000_000, "less than 2,000,000 bytes more after 10,000 calls", least);
    }
}
