using Agt.Policy.Acs;
using Agt.Values;

namespace Agt.Policy.Tests.Acs;

/// <summary>Stands in for every engine and every annotator that a manifest needs, and keeps what it was asked.</summary>
internal sealed class AcsStub : IAcsPolicyEngine, IAcsAnnotator
{
    internal Func<AcsPolicyInvocation, GovernedValue> Policy { get; init; } = static _ => AcsCorpus.Value("""{"decision":"allow"}""");

    internal Func<AcsAnnotatorInvocation, GovernedValue> Annotator { get; init; } = static _ => AcsCorpus.Value("""{"ok":true}""");

    internal List<AcsPolicyInvocation> Asked { get; } = [];

    internal List<AcsAnnotatorInvocation> Annotated { get; } = [];

    internal List<AcsTelemetryEvent> Events { get; } = [];

    public ValueTask<GovernedValue> EvaluateAsync(AcsPolicyInvocation invocation, CancellationToken cancellationToken)
    {
        Asked.Add(invocation);
        return new(Policy(invocation));
    }

    public ValueTask<GovernedValue> AnnotateAsync(AcsAnnotatorInvocation invocation, CancellationToken cancellationToken)
    {
        Annotated.Add(invocation);
        return new(Annotator(invocation));
    }

    internal AcsRuntime Runtime(string manifest, AcsLimits? limits = null) => Runtime(AcsManifestLoader.LoadText(manifest, "manifest", new AcsLoadOptions { Limits = limits ?? AcsLimits.Default }).GetManifest(), limits);

    internal AcsRuntime Runtime(AcsManifest manifest, AcsLimits? limits = null, TimeProvider? clock = null)
    {
        var options = new AcsRuntimeOptions { OtherAnnotators = this, Limits = limits ?? AcsLimits.Default, Telemetry = Events.Add, TimeProvider = clock ?? TimeProvider.System };
        foreach (AcsPolicy policy in manifest.Policies.Values)
        {
            options.Engines.TryAdd(policy.EngineName, this);
        }

        return new AcsRuntime(manifest, options);
    }
}
