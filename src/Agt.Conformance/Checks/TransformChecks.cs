using Agt.Values;

namespace Agt.Conformance;

/// <summary>Rewriting.</summary>
internal static class TransformChecks
{
    private static readonly ReasonCode Why = ReasonCodes.RuleMatched;

    internal static async Task ArgumentsAreReplaced(CheckContext context)
    {
        await using CheckHost host = await context.StartAsync(Hook.OnTool(_ => Verdict.Transform(
            Why, Patch.Set(PatchPath.Parse("args.path"), GovernedValue.From("/safe")), Patch.Remove(PatchPath.Parse("args.note"))))).ConfigureAwait(false);
        DriveResult result = await host.CallAsync(arguments: """{"count":2,"note":"gone","path":"/a"}""").ConfigureAwait(false);
        Expect.Allowed(result, "the call");
        Expect.Calls(host.Probes["probe_read"], 1, "a rewritten call");
        Expect.Same("""{"count":2,"path":"/safe"}""", host.Probes["probe_read"].Calls.First().Arguments, "the arguments of the tool");
        if (!host.Fixture.Descriptor.Points.Contains(InterventionPoint.PreModelCall))
        {
            return;
        }

        host.Probes.Model.Calls(host.Call("c-1", "probe_write", """{"count":2,"note":"gone","path":"/a"}"""));
        host.Probes.Model.Says("done");
        await host.TurnAsync().ConfigureAwait(false);
        Expect.Calls(host.Probes["probe_write"], 1, "a rewritten call of a model");
        Expect.Same("""{"count":2,"path":"/safe"}""", host.Probes["probe_write"].Calls.First().Arguments, "the arguments of the tool");
    }

    internal static async Task ResultIsReplaced(CheckContext context)
    {
        await using CheckHost host = await context.StartAsync(Hook.OnResult(
            InterventionPoint.PostToolCall, _ => Verdict.Transform(Why, Patch.Set(PatchPath.Parse("output"), GovernedValue.From("clean"))))).ConfigureAwait(false);
        host.Probes["probe_read"].Respond = _ => ValueTask.FromResult("dirty");
        DriveResult result = await host.CallAsync().ConfigureAwait(false);
        Expect.Same("clean", result.Text, "the result");
        if (!host.Fixture.Descriptor.Points.Contains(InterventionPoint.PreModelCall))
        {
            return;
        }

        host.Probes.Model.Calls(host.Call("c-1", "probe_read"));
        host.Probes.Model.Says("done");
        await host.TurnAsync().ConfigureAwait(false);
        ModelMessage? answer = host.Probes.Model.Requests.LastOrDefault()?.FirstOrDefault(message => message.CallId == "c-1");
        Expect.That(answer?.Text.Contains("clean", StringComparison.Ordinal) == true && !answer.Text.Contains("dirty", StringComparison.Ordinal), "the model to get the rewritten result", answer);
    }

    internal static async Task TransformsCompose(CheckContext context)
    {
        Hook first = Hook.OnTool(_ => Verdict.Transform(Why, Patch.Set(PatchPath.Parse("args.path"), GovernedValue.From("/one"))), "first", InterceptorStage.Identity);
        Hook second = Hook.OnTool(
            call => call.Payload.TryGetMember("path", out GovernedValue path) && path.AsString() == "/one" ? Verdict.Transform(Why, Patch.Set(PatchPath.Parse("args.path"), GovernedValue.From("/one/two"))) : default, "second");
        await using CheckHost host = await context.StartAsync(first, second).ConfigureAwait(false);
        await host.CallAsync().ConfigureAwait(false);
        Expect.Calls(host.Probes["probe_read"], 1, "two transforms");
        Expect.Same("""{"path":"/one/two"}""", host.Probes["probe_read"].Calls.First().Arguments, "the arguments of the tool");
    }

    internal static async Task LateTransformIsJudgedAgain(CheckContext context)
    {
        var seen = new List<string?>();
        Hook policy = Hook.OnTool(
            call =>
            {
                seen.Add(call.Payload.TryGetMember("path", out GovernedValue path) ? path.AsString() : null);
                return seen[^1] == "/forbidden" ? Verdict.Deny(CallChecks.No) : default;
            },
            "policy");
        Hook late = Hook.OnTool(_ => Verdict.Transform(Why, Patch.Set(PatchPath.Parse("args.path"), GovernedValue.From("/forbidden"))), "late", InterceptorStage.Content);
        await using CheckHost host = await context.StartAsync(policy, late).ConfigureAwait(false);
        DriveResult result = await host.CallAsync().ConfigureAwait(false);
        Expect.Same("/a, /forbidden", string.Join(", ", seen), "what the policy has seen");
        Expect.Denied(result, "a call that a late transform made a forbidden one");
        Expect.Calls(host.Probes["probe_read"], 0, "a late transform to what is forbidden");
    }

    internal static async Task ImpossibleTransformDenies(CheckContext context)
    {
        await using CheckHost host = await context.StartAsync(Hook.OnTool(
            _ => Verdict.Transform(Why, Patch.Set(PatchPath.Parse("args.count"), GovernedValue.From("no number at all"))))).ConfigureAwait(false);
        if (!host.Fixture.HasTypedTools)
        {
            throw new NotOfferedException("the tools of the framework take any value");
        }

        DriveResult result = await host.CallAsync(arguments: """{"count":1,"path":"/a"}""").ConfigureAwait(false);
        Expect.Calls(host.Probes["probe_read"], 0, "a transform that the tool cannot take");
        Expect.That(result.IsDenied, "a denial", result);
    }
}
