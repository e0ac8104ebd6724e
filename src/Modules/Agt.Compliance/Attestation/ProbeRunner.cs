using Agt.Audit;
using Agt.Compliance.Engine;

namespace Agt.Compliance.Attestation;

/// <summary>Runs probes one after the other and records what came of each in the log. A probe that throws or is late was not withstood.</summary>
/// <param name="log">The log.</param>
/// <param name="time">The clock; null for that of the system.</param>
public sealed class ProbeRunner(AuditLog log, TimeProvider? time = null)
{
    private const int MaxProbes = 1_000;
    private const int MaxDetail = 1_024;
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>How long a probe may take. Default 10 seconds.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Runs the probes.</summary>
    /// <param name="probes">The probes, 1,000 at most; names are unique.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What came of each, in their order, with the proof of its record.</returns>
    /// <exception cref="ArgumentException">There are too many, or two of one name.</exception>
    /// <exception cref="IOException">The log cannot take a record.</exception>
    public async ValueTask<IReadOnlyList<ProbeOutcome>> RunAsync(IReadOnlyList<IComplianceProbe> probes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(probes);
        if (probes.Count > MaxProbes || probes.Select(probe => probe.Name).Distinct(StringComparer.Ordinal).Count() != probes.Count)
        {
            throw new ArgumentException($"There are {MaxProbes} probes at most, each with a name of its own.", nameof(probes));
        }

        var done = new List<(string Name, ProbeResult Result, long Index)>(probes.Count);
        foreach (IComplianceProbe probe in probes)
        {
            ProbeResult result = await TryAsync(probe, cancellationToken).ConfigureAwait(false);
            string detail = result.Detail.Length > MaxDetail ? result.Detail[..MaxDetail] : result.Detail;
            var attributes = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [ComplianceEvents.ProbeName] = probe.Name, [ComplianceEvents.ProbeResult] = result.Passed ? "pass" : "fail", [ComplianceEvents.ProbeDetail] = detail,
            };
            long index = await log.AppendAsync(
                new AuditEvent("event", ComplianceEvents.Probe, "probe") { Severity = result.Passed ? "info" : "high", Attributes = attributes }, cancellationToken).ConfigureAwait(false);
            done.Add((probe.Name, result with { Detail = detail }, index));
        }

        log.Publish();
        return [.. done.Select(one => new ProbeOutcome(one.Name, one.Result.Passed, one.Result.Detail, log.Prove(one.Index)))];
    }

    private async ValueTask<ProbeResult> TryAsync(IComplianceProbe probe, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Deadline, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return await probe.RunAsync(both.Token).AsTask().WaitAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ProbeResult(false, $"The probe did not end within {Deadline}.");
        }
#pragma warning disable CA1031 // Whatever a probe throws, it was not withstood; the record says what.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return new ProbeResult(false, "The probe failed: " + exception.GetType().Name);
        }
    }
}
