namespace Agt.Compliance.Attestation;

/// <summary>Tries, in a running system, what must not work, and says whether it was withstood. Implementations change nothing that outlasts the probe.</summary>
public interface IComplianceProbe
{
    /// <summary>Its name, by which packs ask for it, for example <c>undeclared_tool</c>: at most 128 characters.</summary>
    string Name { get; }

    /// <summary>Tries it.</summary>
    /// <remarks>It is awaited: work that blocks its thread is not ended by the deadline.</remarks>
    /// <param name="cancellationToken">Cancelled when its time is over; that counts as not withstood.</param>
    ValueTask<ProbeResult> RunAsync(CancellationToken cancellationToken);
}
