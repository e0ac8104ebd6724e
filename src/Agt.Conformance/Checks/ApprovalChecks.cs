using Agt.Approvals;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Conformance;

/// <summary>A person's word.</summary>
internal static class ApprovalChecks
{
    internal static async Task ApprovedOnceRejectedNever(CheckContext context)
    {
        ApprovalRequest? seen = null;
        await using (CheckHost host = await StartAsync(context, request =>
        {
            seen = request;
            return request.Approve("ann");
        }).ConfigureAwait(false))
        {
            Expect.Allowed(await host.CallAsync().ConfigureAwait(false), "an approved call");
            Expect.Calls(host.Probes["probe_read"], 1, "an approved call");
            Expect.That(seen?.Tool?.Name == host.IdOf("probe_read"), "the approver to see the tool", seen?.Tool?.Name);
        }

        await using (CheckHost host = await StartAsync(context, request => request.Reject("ann")).ConfigureAwait(false))
        {
            Expect.Denied(await host.CallAsync().ConfigureAwait(false), "a rejected call");
            Expect.Calls(host.Probes["probe_read"], 0, "a rejected call");
        }

        var asked = new TaskCompletionSource();
        await using (CheckHost host = await CheckHost.StartAsync(context.Make, [Asks], builder => builder.AddApprovals((_, _) =>
        {
            asked.TrySetResult();
            return new ValueTask<ApprovalResponse>(new TaskCompletionSource<ApprovalResponse>().Task);
        })).ConfigureAwait(false))
        {
            Task<DriveResult> waiting = host.CallAsync();
            await asked.Task.ConfigureAwait(false);
            while (!waiting.IsCompleted)
            {
                host.Time.Advance(TimeSpan.FromSeconds(301));
                await Task.Yield();
            }

            Expect.Denied(await waiting.ConfigureAwait(false), "a call that nobody answers for");
            Expect.Calls(host.Probes["probe_read"], 0, "a call that nobody answers for");
        }
    }

    internal static async Task TamperedNeverCounts(CheckContext context)
    {
        ApprovalResponse? first = null;
        (string What, Func<ApprovalRequest, ApprovalResponse> Answer)[] answers =
        [
            ("a forged ticket", request => request.Approve("ann") with { Ticket = "forged" }),
            ("the agent's own word", request => request.Approve(request.Principal.Agent.Value)),
            ("a nameless approver", request => request.Approve(" ")),
            ("nothing", _ => null!),
        ];
        foreach ((string what, Func<ApprovalRequest, ApprovalResponse> answer) in answers)
        {
            await using CheckHost host = await StartAsync(context, answer).ConfigureAwait(false);
            Expect.Denied(await host.CallAsync().ConfigureAwait(false), $"a call approved by {what}");
            Expect.Calls(host.Probes["probe_read"], 0, $"a call approved by {what}");
        }

        await using CheckHost replays = await StartAsync(context, request => first ??= request.Approve("ann")).ConfigureAwait(false);
        Expect.Allowed(await replays.CallAsync().ConfigureAwait(false), "a call that was approved");
        Expect.Denied(await replays.CallAsync().ConfigureAwait(false), "an equal call with the same approval");
        Expect.Calls(replays.Probes["probe_read"], 1, "one approval for two equal calls");
    }

    internal static async Task DeniedAfterApproval(CheckContext context)
    {
        var revoked = new Hook("revoked", InterceptorStage.Identity) { Again = _ => new(Verdict.Deny(CallChecks.No)) };
        await using CheckHost host = await CheckHost.StartAsync(
            context.Make, [Asks, revoked], builder => builder.AddApprovals((request, _) => new(request.Approve("ann")))).ConfigureAwait(false);
        Expect.Denied(await host.CallAsync().ConfigureAwait(false), "a call that was revoked while a person thought");
        Expect.Calls(host.Probes["probe_read"], 0, "a call that was revoked while a person thought");
    }

    internal static async Task DenialAsksNobody(CheckContext context)
    {
        int asked = 0;
        await using CheckHost host = await CheckHost.StartAsync(
            context.Make,
            [Asks, Hook.OnTool(_ => Verdict.Deny(CallChecks.No), "denies", InterceptorStage.Content)],
            builder => builder.AddApprovals((request, _) =>
            {
                asked++;
                return new(request.Approve("ann"));
            })).ConfigureAwait(false);
        Expect.Denied(await host.CallAsync().ConfigureAwait(false), "a call that one escalates and one denies");
        Expect.That(asked == 0, "nobody to be asked", $"{asked} questions");
        Expect.Calls(host.Probes["probe_read"], 0, "a denied call");
    }

    private static Hook Asks => Hook.OnTool(_ => Verdict.Escalate("big"), "asks");

    private static Task<CheckHost> StartAsync(CheckContext context, Func<ApprovalRequest, ApprovalResponse> answer) =>
        CheckHost.StartAsync(context.Make, [Asks], builder => builder.AddApprovals((request, _) => new(answer(request))));
}
