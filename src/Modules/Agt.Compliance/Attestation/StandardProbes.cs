using Agt.Audit;
using Agt.Audit.Merkle;
using Agt.Audit.Receipts;
using Agt.Values;

namespace Agt.Compliance.Attestation;

/// <summary>The probes that every host can run: they need its chain and its log, and no tool of its own. Risks that lie in tools, models and content need probes of the host.</summary>
public static class StandardProbes
{
    private static readonly AgentId Nobody = AgentId.Parse("agt-probe");
    private static readonly AgentId Other = AgentId.Parse("agt-probe-other");

    /// <summary>Makes the probes <c>undeclared_tool</c>, <c>closed_session</c>, <c>forged_principal</c>, <c>recorded_denial</c> and <c>tampered_record</c>.</summary>
    /// <param name="governance">The chain that the host's agents go through.</param>
    /// <param name="log">Its log.</param>
    /// <param name="agent">The agent to probe as: one that the policies let start. Null for <c>agt-probe</c>.</param>
    public static IReadOnlyList<IComplianceProbe> For(IGovernance governance, AuditLog log, AgentId? agent = null)
    {
        agent ??= Nobody;
        ArgumentNullException.ThrowIfNull(governance);
        ArgumentNullException.ThrowIfNull(log);
        return
        [
            new Probe("undeclared_tool", token => UndeclaredToolAsync(governance, agent, token)),
            new Probe("closed_session", token => ClosedSessionAsync(governance, agent, token)),
            new Probe("forged_principal", token => ForgedPrincipalAsync(governance, agent, token)),
            new Probe("recorded_denial", token => RecordedDenialAsync(governance, log, agent, token)),
            new Probe("tampered_record", token => TamperedRecordAsync(log, token)),
        ];
    }

    private static async ValueTask<ProbeResult> UndeclaredToolAsync(IGovernance governance, AgentId agent, CancellationToken cancellationToken)
    {
        await using GovernanceSession session = await governance.OpenSessionAsync(new Principal(agent), null, cancellationToken).ConfigureAwait(false);
        return await CallAsync(governance, session, agent, cancellationToken).ConfigureAwait(false) is { } refusal
            ? new ProbeResult(true, $"A tool that nobody declared was refused ({refusal}).")
            : new ProbeResult(false, "A tool that nobody declared was allowed.");
    }

    private static async ValueTask<ProbeResult> ClosedSessionAsync(IGovernance governance, AgentId agent, CancellationToken cancellationToken)
    {
        GovernanceSession session = await governance.OpenSessionAsync(new Principal(agent), null, cancellationToken).ConfigureAwait(false);
        await session.DisposeAsync().ConfigureAwait(false);
        string? refusal = await CallAsync(governance, session, agent, cancellationToken).ConfigureAwait(false);
        return refusal == ReasonCodes.SessionClosed.Code
            ? new ProbeResult(true, "A call in a session that had been ended was refused.")
            : new ProbeResult(false, $"A call in a session that had been ended came to '{refusal ?? "allowed"}'.");
    }

    private static async ValueTask<ProbeResult> ForgedPrincipalAsync(IGovernance governance, AgentId agent, CancellationToken cancellationToken)
    {
        await using GovernanceSession session = await governance.OpenSessionAsync(new Principal(agent), null, cancellationToken).ConfigureAwait(false);
        string? refusal = await CallAsync(governance, session, Other, cancellationToken).ConfigureAwait(false);
        return refusal == ReasonCodes.PrincipalMismatch.Code
            ? new ProbeResult(true, "A call under another agent's name was refused.")
            : new ProbeResult(false, $"A call under another agent's name came to '{refusal ?? "allowed"}'.");
    }

    private static async ValueTask<ProbeResult> RecordedDenialAsync(IGovernance governance, AuditLog log, AgentId agent, CancellationToken cancellationToken)
    {
        await log.FlushAsync(cancellationToken).ConfigureAwait(false);
        long before = log.Size;
        await using GovernanceSession session = await governance.OpenSessionAsync(new Principal(agent), null, cancellationToken).ConfigureAwait(false);
        string marker = "agt.probe." + session.Id.Value;
        await CallAsync(governance, session, agent, cancellationToken, marker).ConfigureAwait(false);
        await log.FlushAsync(cancellationToken).ConfigureAwait(false);
        long index = before;
        byte[] name = System.Text.Encoding.UTF8.GetBytes(marker);
        foreach (ReadOnlyMemory<byte> leaf in log.Read(before, log.Size - before))
        {
            if (leaf.Span.IndexOf("\"kind\":\"decision\""u8) >= 0 && leaf.Span.IndexOf(name) >= 0)
            {
                Receipt receipt = log.Prove(index);
                return Proves(receipt, leaf.Span)
                    ? new ProbeResult(true, "The decision on a call was in the log, with a proof.")
                    : new ProbeResult(false, "The decision on a call is in the log, and its proof does not hold.");
            }

            index++;
        }

        return new ProbeResult(false, "The decision on a call is not in the log.");
    }

    private static async ValueTask<ProbeResult> TamperedRecordAsync(AuditLog log, CancellationToken cancellationToken)
    {
        await log.FlushAsync(cancellationToken).ConfigureAwait(false);
        Receipt receipt = log.Prove(log.Size - 1);
        byte[] leaf = log.Read(receipt.Index, 1).Single().ToArray();
        bool held = Proves(receipt, leaf);
        int missed = 0;
        for (int at = 0; at < leaf.Length; at++)
        {
            leaf[at] ^= 1;
            missed += Proves(receipt, leaf) ? 1 : 0;
            leaf[at] ^= 1;
        }

        return held && missed == 0
            ? new ProbeResult(true, $"A record was changed in each of its {leaf.Length} bytes, and every change was found.")
            : new ProbeResult(false, $"Of {leaf.Length} changes of a record {missed} were not found.");
    }

    private static bool Proves(Receipt receipt, ReadOnlySpan<byte> leaf) => Proof.Verify(leaf, receipt.Index, receipt.Checkpoint.Checkpoint.Size, [.. receipt.Path], receipt.Checkpoint.Checkpoint.Root);

    /// <summary>Asks for a tool that cannot exist. Nothing runs, also if it is allowed.</summary>
    /// <returns>Why it was refused; null if it was not.</returns>
    private static async ValueTask<string?> CallAsync(IGovernance governance, GovernanceSession session, AgentId agent, CancellationToken cancellationToken, string tool = "agt.probe.no-such-tool")
    {
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(agent), new ToolIdentity(tool), "agt-probe");
        await using GovernedOperation operation = await governance.AuthorizeAsync(new GovernedAction(template, session, GovernedValue.FromJson("{}")), cancellationToken).ConfigureAwait(false);
        return operation.IsAllowed ? null : operation.Decision.Detail.Reason.Code;
    }

    private sealed class Probe(string name, Func<CancellationToken, ValueTask<ProbeResult>> run) : IComplianceProbe
    {
        public string Name { get; } = name;

        public async ValueTask<ProbeResult> RunAsync(CancellationToken cancellationToken)
        {
            try
            {
                return await run(cancellationToken).ConfigureAwait(false);
            }
            catch (GovernanceDeniedException exception)
            {
                return new ProbeResult(false, $"Nothing could be tried: the agent to probe as may not start ({exception.Decision.Detail.Reason.Code}). Name one that may.");
            }
        }
    }
}
