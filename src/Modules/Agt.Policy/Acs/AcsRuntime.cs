using System.Collections.Frozen;
using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>
/// Evaluates a manifest of the Agent Control Specification: builds the policy input of a point, asks annotators and policy, and checks what they say (spec 01, section 3.15).
/// </summary>
/// <remarks>
/// Thread-safe, keeps no state between evaluations, and fails closed: what goes wrong is a deny with one of <see cref="AcsReasons"/>, never an exception, but for a cancellation by the caller.
/// </remarks>
public sealed partial class AcsRuntime
{
    private readonly FrozenDictionary<string, IAcsPolicyEngine> _engines;
    private readonly FrozenDictionary<string, IAcsAnnotator> _annotators;
    private readonly IAcsAnnotator? _others;
    private readonly AcsTelemetry _telemetry;
    private readonly TimeProvider _clock;
    private readonly AcsLimits _limits;

    /// <summary>Makes a manifest ready.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="options">The engines and annotators that it needs.</param>
    /// <exception cref="ArgumentException">The manifest needs an engine or an annotator that the options do not have: a policy that nobody evaluates is refused, not guessed at (POL-264).</exception>
    public AcsRuntime(AcsManifest manifest, AcsRuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(options);
        Manifest = manifest;
        _engines = options.Engines.ToFrozenDictionary(StringComparer.Ordinal);
        _annotators = options.Annotators.ToFrozenDictionary(StringComparer.Ordinal);
        _others = options.OtherAnnotators;
        _clock = options.TimeProvider ?? TimeProvider.System;
        _telemetry = new AcsTelemetry(options.Telemetry, _clock);
        _limits = Tighter(options.Limits.Checked(), manifest.Limits);
        foreach (AcsPoint point in manifest.Points.Values)
        {
            if (!_engines.ContainsKey(point.Policy.EngineName))
            {
                throw new ArgumentException($"{manifest.Source}: policy '{point.Policy.Id}' needs the engine '{point.Policy.EngineName}', and none is registered. Add it to AcsRuntimeOptions.Engines.", nameof(options));
            }

            foreach (AcsAnnotation annotation in point.Bindings)
            {
                if (_others is null && !_annotators.ContainsKey(annotation.Name))
                {
                    throw new ArgumentException($"{manifest.Source}: nobody is registered for the annotator '{annotation.Name}'. Add it to AcsRuntimeOptions.Annotators, or set OtherAnnotators.", nameof(options));
                }
            }
        }
    }

    internal TimeProvider Clock => _clock;

    /// <summary>The manifest.</summary>
    public AcsManifest Manifest { get; }

    /// <summary>Evaluates a snapshot at a point.</summary>
    /// <param name="point">The point.</param>
    /// <param name="snapshot">All that the policy may know: a JSON object.</param>
    /// <param name="mode">Whether a transform is applied.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="OperationCanceledException">The caller gave up; nothing was decided.</exception>
    public async ValueTask<AcsResult> EvaluateAsync(InterventionPoint point, GovernedValue snapshot, AcsMode mode = AcsMode.Enforce, CancellationToken cancellationToken = default)
    {
        long began = _telemetry.Now;
        Manifest.Points.TryGetValue(point, out AcsPoint? config);
        var state = new State();
        AcsResult result;
        try
        {
            result = await EvaluateAsync(config, point, snapshot, mode, state, cancellationToken).ConfigureAwait(false);
        }
        catch (AcsException exception)
        {
            result = Failed(point, mode, exception.Reason, exception.Message, state.Input);
        }
        catch (PayloadException exception)
        {
            result = Failed(point, mode, AcsReasons.ResourceLimitExceeded, exception.Message, state.Input);
        }

        _telemetry.Decided(result, config, began);
        return result;
    }

    /// <summary>Evaluates a request as it comes over a wire: a JSON object with <c>intervention_point</c>, <c>snapshot</c> and, if not <c>enforce</c>, <c>mode</c>.</summary>
    /// <param name="utf8">The request.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The result; a deny with <see cref="AcsReasons.RequestInvalid"/> at <see cref="InterventionPoint.Input"/> where the request is none.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up; nothing was decided.</exception>
    public ValueTask<AcsResult> EvaluateAsync(ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken = default)
    {
        GovernedValue request;
        try
        {
            request = GovernedValue.FromJson(utf8.Span, AcsValues.Wide);
        }
        catch (PayloadException exception)
        {
            return new(Failed(InterventionPoint.Input, AcsMode.Enforce, AcsReasons.RequestInvalid, exception.Message, default));
        }

        GovernedValue mode = default;
        string? problem = Unknown(request)
            ?? (!request.TryGetMember("intervention_point", out GovernedValue point) || point.AsString() is null ? "intervention_point is missing, or no text."
            : !request.TryGetMember("snapshot", out _) ? "snapshot is missing."
            : request.TryGetMember("mode", out mode) && mode.AsString() is not ("enforce" or "evaluate_only") ? "mode is neither enforce nor evaluate_only."
            : null);
        if (problem is not null)
        {
            return new(Failed(InterventionPoint.Input, AcsMode.Enforce, AcsReasons.RequestInvalid, problem, default));
        }

        AcsMode chosen = mode.AsString() == "evaluate_only" ? AcsMode.EvaluateOnly : AcsMode.Enforce;
        request.TryGetMember("intervention_point", out GovernedValue name);
        request.TryGetMember("snapshot", out GovernedValue snapshot);
        return AcsPoints.TryParse(name.AsString()!, out InterventionPoint parsed)
            ? EvaluateAsync(parsed, snapshot, chosen, cancellationToken)
            : new(Failed(InterventionPoint.Input, chosen, AcsReasons.InterventionPointUnknown, "There is no such point.", default));
    }

    internal static AcsResult Failed(InterventionPoint point, AcsMode mode, string reason, string detail, GovernedValue input) =>
        new(point, mode, AcsVerdict.RuntimeError(reason)) { PolicyInput = input, Detail = detail };

    private static string? Unknown(GovernedValue request)
    {
        if (request.Kind != ValueKind.Map)
        {
            return "A request is an object.";
        }

        for (int i = 0; i < request.Count; i++)
        {
            if (request.MemberAt(i).Name is not ("intervention_point" or "snapshot" or "mode"))
            {
                return "A request has the members intervention_point, snapshot and mode, and no other.";
            }
        }

        return null;
    }

    private async ValueTask<AcsResult> EvaluateAsync(AcsPoint? config, InterventionPoint point, GovernedValue snapshot, AcsMode mode, State state, CancellationToken cancellationToken)
    {
        if (config is null)
        {
            throw new AcsException(AcsReasons.InterventionPointUnknown, "The manifest does not configure the point.");
        }

        byte[] canonicalSnapshot = CheckSnapshot(snapshot);
        GovernedValue target = config.Target.Resolve(snapshot);
        var input = new AcsPolicyInput(config, target, snapshot, AcsValues.EmptyMap, Tool(config, snapshot));
        state.Input = input.ToValue();
        CheckDepth(state.Input, "The policy input");
        if (config.Bindings.Length > 0)
        {
            input = input with { Annotations = await AnnotateAsync(config, state.Input, cancellationToken).ConfigureAwait(false) };
            state.Input = input.ToValue();
            CheckDepth(state.Input, "The policy input");
        }

        byte[] canonical = input.ToCanonical(canonicalSnapshot);
        AcsVerdict verdict = await DecideAsync(config, state.Input, canonical, cancellationToken).ConfigureAwait(false);
        string identity = IdentityOf(canonical);
        if (verdict.Transform is not { Parsed: { } path } transform)
        {
            return new AcsResult(point, mode, verdict) { PolicyInput = state.Input, InputIdentity = identity, EnforcedIdentity = identity };
        }

        GovernedValue transformed = path.Replace(target, transform.Value);
        CheckSnapshot(config.Target.Replace(snapshot, transformed));
        return mode == AcsMode.EvaluateOnly
            ? new AcsResult(point, mode, verdict) { PolicyInput = state.Input, InputIdentity = identity, EnforcedIdentity = identity }
            : new AcsResult(point, mode, verdict)
            {
                PolicyInput = state.Input,
                TransformedPolicyTarget = transformed,
                InputIdentity = identity,
                EnforcedIdentity = IdentityOf((input with { Target = transformed }).ToCanonical(canonicalSnapshot)),
            };
    }

    private async ValueTask<GovernedValue> AnnotateAsync(AcsPoint config, GovernedValue preliminary, CancellationToken cancellationToken)
    {
        if (config.Bindings.Length > _limits.MaxAnnotatorsPerPoint)
        {
            throw new AcsException(AcsReasons.ResourceLimitExceeded, $"The point has {config.Bindings.Length} annotators; at most {_limits.MaxAnnotatorsPerPoint} are asked.");
        }

        var annotations = new (string, GovernedValue)[config.Bindings.Length];
        for (int i = 0; i < annotations.Length; i++)
        {
            AcsAnnotation binding = config.Bindings[i];
            annotations[i] = (binding.Name, await AnnotateAsync(config.Point, binding, preliminary, cancellationToken).ConfigureAwait(false));
        }

        return AcsValues.Map(annotations);
    }

    private async ValueTask<GovernedValue> AnnotateAsync(InterventionPoint point, AcsAnnotation binding, GovernedValue preliminary, CancellationToken cancellationToken)
    {
        long began = _telemetry.Now;
        string? error = null;
        try
        {
            GovernedValue value = Root(binding.From.Root, preliminary);
            value = binding.From.Resolve(value);
            var invocation = new AcsAnnotatorInvocation(point, binding.Name, binding.Type, binding.Configuration, value, preliminary);
            IAcsAnnotator annotator = _annotators.GetValueOrDefault(binding.Name, _others!);
            TimeSpan time = TimeOf(binding);
            GovernedValue output = await InTimeAsync(
                token => annotator.AnnotateAsync(invocation, token), time, AcsReasons.AnnotationTimeout, AcsReasons.AnnotationFailed, binding.Name, cancellationToken).ConfigureAwait(false);
            CheckAnnotation(output, binding.Name);
            return output.Detach();
        }
        catch (AcsException exception)
        {
            error = exception.Reason;
            throw;
        }
        finally
        {
            _telemetry.AnnotatorAsked(point, binding.Name, error, began);
        }
    }

    private void CheckAnnotation(GovernedValue output, string name)
    {
        string? problem = output.IsAbsent ? "answered nothing"
            : AcsValues.IsDeeperThan(output, _limits.MaxDepth) ? $"answered with more than {_limits.MaxDepth} levels"
            : AcsValues.HasReservedReason(output) ? "gave a reason that is reserved for the runtime"
            : Size(output, AcsReasons.AnnotationFailed) > _limits.MaxAnnotatorOutputBytes ? $"answered with more than {_limits.MaxAnnotatorOutputBytes} bytes"
            : null;
        if (problem is not null)
        {
            throw new AcsException(AcsReasons.AnnotationFailed, $"The annotator {name} {problem}.");
        }
    }

    private async ValueTask<AcsVerdict> DecideAsync(AcsPoint config, GovernedValue input, byte[] canonical, CancellationToken cancellationToken)
    {
        var invocation = new AcsPolicyInvocation(config.Point, config.Policy, config.Query, config.Configuration, input, canonical);
        IAcsPolicyEngine engine = _engines[config.Policy.EngineName];
        long began = _telemetry.Now;
        try
        {
            GovernedValue output;
            try
            {
                output = await InTimeAsync(
                    token => engine.EvaluateAsync(invocation, token), _limits.PolicyTimeout, AcsReasons.PolicyInvocationFailed, AcsReasons.PolicyInvocationFailed, config.Policy.Id, cancellationToken).ConfigureAwait(false);
            }
            catch (AcsException exception)
            {
                _telemetry.PolicyAsked(config, exception.Reason, began);
                throw;
            }

            _telemetry.PolicyAsked(config, null, began);
            if (output.IsAbsent)
            {
                throw new AcsException(AcsReasons.PolicyOutputInvalid, "The policy answered nothing.");
            }

            if (AcsValues.IsDeeperThan(output, _limits.MaxDepth) || Size(output, AcsReasons.PolicyOutputInvalid) > _limits.MaxPolicyOutputBytes)
            {
                throw new AcsException(AcsReasons.ResourceLimitExceeded, $"The policy's answer has more than {_limits.MaxPolicyOutputBytes} bytes or {_limits.MaxDepth} levels.");
            }

            return AcsVerdictReader.Read(output);
        }
        catch (AcsException exception)
        {
            _telemetry.PolicyFailed(config, exception.Reason);
            throw;
        }
    }

    private async ValueTask<GovernedValue> InTimeAsync(
        Func<CancellationToken, ValueTask<GovernedValue>> ask, TimeSpan time, string late, string failed, string who, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var limited = new CancellationTokenSource(time, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limited.Token);
        try
        {
            ValueTask<GovernedValue> answer = ask(both.Token);
            return answer.IsCompletedSuccessfully ? answer.Result : await answer.AsTask().WaitAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) when (exception is TimeoutException || (exception is OperationCanceledException && limited.IsCancellationRequested))
        {
            throw new AcsException(late, $"{who} took too long.", exception);
        }
#pragma warning disable CA1031 // Whatever they throw is a deny.
        catch (Exception exception)
        {
            throw new AcsException(failed, $"{who} failed: {exception.Message}", exception);
        }
#pragma warning restore CA1031
    }

    private TimeSpan TimeOf(AcsAnnotation binding) => binding.Configuration.TryGetMember("timeout_ms", out GovernedValue own) && own.TryGetInt64(out long milliseconds) && milliseconds > 0
        ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, _limits.AnnotatorTimeout.TotalMilliseconds))
        : _limits.AnnotatorTimeout;

    private GovernedValue Tool(AcsPoint config, GovernedValue snapshot)
    {
        if (config.ToolName is null)
        {
            return GovernedValue.Null;
        }

        string name = config.ToolName.Resolve(snapshot).AsString() ?? throw new AcsException(AcsReasons.PathTypeMismatch, $"{config.ToolNameFrom} leads to no text.");
        return Manifest.Tools.TryGetValue(name, out GovernedValue tool) ? tool : throw new AcsException(AcsReasons.ToolUnknown, "The tool is not in the catalog.");
    }

    private byte[] CheckSnapshot(GovernedValue snapshot)
    {
        if (snapshot.IsAbsent)
        {
            throw new AcsException(AcsReasons.RequestInvalid, "There is no snapshot.");
        }

        CheckDepth(snapshot, "The snapshot");
        byte[] canonical = Canonical(snapshot, AcsReasons.RequestInvalid);
        return canonical.Length <= _limits.MaxSnapshotBytes
            ? canonical
            : throw new AcsException(AcsReasons.ResourceLimitExceeded, $"The snapshot has {canonical.Length} bytes; at most {_limits.MaxSnapshotBytes} are taken.");
    }

    private void CheckDepth(GovernedValue value, string what)
    {
        if (AcsValues.IsDeeperThan(value, _limits.MaxDepth))
        {
            throw new AcsException(AcsReasons.ResourceLimitExceeded, $"{what} has more than {_limits.MaxDepth} levels.");
        }
    }

    private static int Size(GovernedValue value, string reason) => Canonical(value, reason).Length;

    private static byte[] Canonical(GovernedValue value, string reason)
    {
        try
        {
            return AcsCanonicalJson.ToUtf8(value);
        }
        catch (ArgumentException exception)
        {
            throw new AcsException(reason, exception.Message, exception);
        }
    }

    private static string IdentityOf(ReadOnlySpan<byte> canonical) => Digest.Of(canonical).ToString();

    private static GovernedValue Root(AcsRoot root, GovernedValue input)
    {
        string name = root switch
        {
            AcsRoot.Snapshot => "snapshot",
            AcsRoot.Tool => "tool",
            AcsRoot.PolicyTarget => "policy_target",
            _ => string.Empty,
        };
        if (name.Length == 0)
        {
            return input;
        }

        input.TryGetMember(name, out GovernedValue value);
        if (root == AcsRoot.PolicyTarget)
        {
            value.TryGetMember("value", out value);
        }

        return value;
    }

    private static AcsLimits Tighter(AcsLimits host, AcsLimits manifest) => host with
    {
        MaxSnapshotBytes = Math.Min(host.MaxSnapshotBytes, manifest.MaxSnapshotBytes),
        MaxDepth = Math.Min(host.MaxDepth, manifest.MaxDepth),
        MaxAnnotatorsPerPoint = Math.Min(host.MaxAnnotatorsPerPoint, manifest.MaxAnnotatorsPerPoint),
        MaxAnnotatorOutputBytes = Math.Min(host.MaxAnnotatorOutputBytes, manifest.MaxAnnotatorOutputBytes),
        MaxPolicyOutputBytes = Math.Min(host.MaxPolicyOutputBytes, manifest.MaxPolicyOutputBytes),
    };

    /// <summary>What was built before something went wrong.</summary>
    private sealed class State
    {
        internal GovernedValue Input { get; set; }
    }
}
