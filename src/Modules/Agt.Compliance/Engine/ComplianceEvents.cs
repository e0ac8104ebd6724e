namespace Agt.Compliance.Engine;

/// <summary>What this module writes into the log: types of events, and names of their attributes.</summary>
internal static class ComplianceEvents
{
    internal const string Violation = "compliance.violation";
    internal const string Remediated = "compliance.remediated";
    internal const string Probe = "compliance.probe";
    internal const string Disclosure = "compliance.disclosure";
    internal const string Dossier = "compliance.dossier";
    internal const string Attestation = "compliance.attestation";
    internal const string Report = "compliance.report";

    internal const string ViolationId = "agt.violation_id";
    internal const string Control = "agt.control";
    internal const string Framework = "agt.framework_id";
    internal const string EvidencePrefix = "agt.evidence.";
    internal const string Notes = "agt.notes";
    internal const string ProbeName = "agt.probe";
    internal const string ProbeResult = "agt.probe_result";
    internal const string ProbeDetail = "agt.probe_detail";
    internal const string Disclosed = "agt.disclosed";
    internal const string Session = "agt.session";
    internal const string Sha256 = "agt.sha256";
}
