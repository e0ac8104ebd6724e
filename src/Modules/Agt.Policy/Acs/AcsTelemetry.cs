using System.Buffers;

namespace Agt.Policy.Acs;

/// <summary>Makes the events of one evaluation, where somebody listens.</summary>
internal sealed class AcsTelemetry(Action<AcsTelemetryEvent>? listener, TimeProvider clock)
{
    private static readonly SearchValues<char> CodeCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/-");

    internal long Now => listener is null ? 0 : clock.GetTimestamp();

    internal void AnnotatorAsked(InterventionPoint point, string annotator, string? error, long since)
    {
        if (listener is null)
        {
            return;
        }

        var asked = new AcsTelemetryEvent("annotator_dispatch", point) { Annotators = [annotator], ReasonCode = error, ErrorClass = ClassOf(error), Duration = clock.GetElapsedTime(since) };
        Emit(asked);
        if (error is not null)
        {
            AnnotatorFailed(point, annotator, error);
        }
    }

    internal void AnnotatorFailed(InterventionPoint point, string annotator, string error) =>
        Emit(new AcsTelemetryEvent("annotator_failed", point) { Annotators = [annotator], ReasonCode = error, ErrorClass = ClassOf(error) });

    internal void PolicyAsked(AcsPoint point, string? error, long since)
    {
        if (listener is not null)
        {
            Emit(new AcsTelemetryEvent("policy_evaluation", point.Point)
            {
                PolicyId = point.Policy.Id, PolicyType = point.Policy.Type, ReasonCode = error, ErrorClass = ClassOf(error), Duration = clock.GetElapsedTime(since),
            });
        }
    }

    internal void PolicyFailed(AcsPoint point, string error) =>
        Emit(new AcsTelemetryEvent("policy_failed", point.Point) { PolicyId = point.Policy.Id, PolicyType = point.Policy.Type, ReasonCode = error, ErrorClass = ClassOf(error) });

    internal void Decided(AcsResult result, AcsPoint? point, long since)
    {
        if (listener is null)
        {
            return;
        }

        TimeSpan duration = clock.GetElapsedTime(since);
        string? error = result.Verdict.IsRuntimeError ? result.Verdict.Reason : null;
        var decided = new AcsTelemetryEvent("decision", result.Point)
        {
            Decision = result.Verdict.Decision,
            ReasonCode = CodeOf(result.Verdict.Reason),
            ErrorClass = ClassOf(error),
            PolicyId = point?.Policy.Id,
            Annotators = point is null ? [] : [.. point.Annotators],
            Mode = result.Mode,
            Duration = duration,
            ActionIdentity = result.EnforcedIdentity,
        };
        if (!result.TransformedPolicyTarget.IsAbsent)
        {
            Emit(decided with
            {
                EventType = "intervention_point.transformed",
                ErrorClass = null,
                ActionIdentity = null,
                EvidenceArtefact = result.Verdict.Evidence?.Artefact,
                EvidencePointerKeys = [.. result.Verdict.Evidence?.VerificationPointers.Keys ?? []],
            });
        }

        Emit(decided);
        Emit(decided with { EventType = "evaluation_timing", Annotators = [] });
    }

    internal static string? CodeOf(string? reason) => reason switch
    {
        null => null,
        { Length: > 0 and <= 96 } when !reason.AsSpan().ContainsAnyExcept(CodeCharacters) => reason,
        _ => "policy_reason",
    };

    private static string? ClassOf(string? error) => error?[AcsReasons.Prefix.Length..];

    private void Emit(AcsTelemetryEvent telemetry)
    {
        try
        {
            listener?.Invoke(telemetry);
        }
#pragma warning disable CA1031 // Whoever listens never changes what is decided.
        catch (Exception)
        {
            return;
        }
#pragma warning restore CA1031
    }
}
