using System.Text;
using Agt.Adapters.ExtensionsAI.Chat;
using Agt.Adapters.ExtensionsAI.Values;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Embeddings;

/// <summary>
/// Every request for embeddings is decided on with all its inputs before it is sent, and what is sent is what was decided on: as many inputs, in the same order (ADP-230). A denial is an
/// exception, since there is no embedding that says so. Thread-safe if the generator is.
/// </summary>
internal sealed class GovernedEmbeddingGenerator<TInput, TEmbedding> : DelegatingEmbeddingGenerator<TInput, TEmbedding>
    where TEmbedding : Embedding
{
    private readonly IGovernance _governance;
    private readonly ActionTemplate _template;
    private readonly ObjectFreezer _freezer = new(AIJsonUtilities.DefaultOptions);
    private readonly EmbeddingCodec<TEmbedding> _codec = new();

    internal GovernedEmbeddingGenerator(IEmbeddingGenerator<TInput, TEmbedding> inner, IGovernance governance, Principal principal)
        : base(inner)
    {
        _governance = governance;
        _template = new ActionTemplate(InterventionPoint.PreModelCall, "embeddings", principal, null, ChatGovernor.Framework);
    }

    public override async Task<GeneratedEmbeddings<TEmbedding>> GenerateAsync(
        IEnumerable<TInput> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        var request = new Request(this, [.. values.Select(value => value is TextContent text && PartRewriter.WithoutRaw(text) is TInput clean ? clean : value)], options?.Clone());
        GovernedAction? parent = GovernanceScope.Action;
        SessionLease lease = await _governance.AcquireSessionAsync(_template.Principal, cancellationToken).ConfigureAwait(false);
        await using (lease.ConfigureAwait(false))
        {
            GovernedAction action = Freeze(request, lease.Session, parent);
            try
            {
                GovernedResult<GeneratedEmbeddings<TEmbedding>> result = await _governance.InvokeAsync(
                    action, request, static (state, operation, token) => state.Generator.SendAsync(state, operation, token), _codec, cancellationToken).ConfigureAwait(false);
                return result.IsAllowed ? result.Value! : throw Denial.Of(in result).ToException();
            }
            catch (Refusal refusal)
            {
                throw (await refusal.DecideAsync(_governance, action).ConfigureAwait(false)).ToException();
            }
        }
    }

    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? InnerGenerator.GetService(serviceType)
            : null;
    }

    /// <summary>What was governed.</summary>
    internal IEmbeddingGenerator<TInput, TEmbedding> Unwrap(UnwrapKey key)
    {
        key.Open(_governance);
        return InnerGenerator;
    }

    private GovernedAction Freeze(Request request, GovernanceSession session, GovernedAction? parent)
    {
        ValueArena arena = _governance.RentArena();
        GovernedValue payload = default;
        ReasonCode? refusal = null;
        try
        {
            payload = EmbeddingPayload.Write(arena, request.Inputs, request.Options, _freezer);
        }
        catch (Exception exception)
        {
            refusal = (exception as PayloadException)?.Reason ?? ReasonCodes.PayloadUnsupported;
        }

        return new GovernedAction(_template, session, payload, arena, callId: null, parent, refusal);
    }

    private async ValueTask<GeneratedEmbeddings<TEmbedding>> SendAsync(Request request, GovernedOperation operation, CancellationToken cancellationToken)
    {
        GeneratedEmbeddings<TEmbedding> made = await InnerGenerator.GenerateAsync(Bind(request, operation), request.Options, cancellationToken).ConfigureAwait(false);
        operation.Action.Session.ReportTokens(Math.Max(0, made.Usage is { } usage && (usage.TotalTokenCount ?? usage.InputTokenCount) is { } reported ? reported : Guess(request.Inputs)));

        // With one too few nobody knows which text has which vector.
        return made.Count == request.Inputs.Count ? made : throw new Refusal(ReasonCodes.RequestInvalid);
    }

    /// <summary>The inputs as they were decided on, or nothing: parts are objects of the caller's.</summary>
    private IReadOnlyList<TInput> Bind(Request request, GovernedOperation operation)
    {
        GovernedValue frozen = operation.Action.Payload;
        ValueArena arena = _governance.RentArena();
        try
        {
            if (typeof(TInput) != typeof(string) && !PartRewriter.Same(frozen, EmbeddingPayload.Write(arena, request.Inputs, request.Options, _freezer)))
            {
                throw new Refusal(ReasonCodes.ApprovalActionMismatch);
            }

            return operation.IsPayloadChanged ? EmbeddingPayload.Rewrite(request.Inputs, frozen, operation.Payload, _freezer) : request.Inputs;
        }
        catch (PayloadException exception)
        {
            throw new Refusal(exception.Reason, exception);
        }
        finally
        {
            arena.Release();
        }
    }

    /// <summary>A token for every three bytes of text.</summary>
    private static long Guess(IReadOnlyList<TInput> inputs)
    {
        long bytes = 0;
        foreach (TInput input in inputs)
        {
            bytes += input switch
            {
                string text => Encoding.UTF8.GetByteCount(text),
                TextContent text => Encoding.UTF8.GetByteCount(text.Text),
                _ => 0,
            };
        }

        return (bytes + 2) / 3;
    }

    private sealed record Request(GovernedEmbeddingGenerator<TInput, TEmbedding> Generator, IReadOnlyList<TInput> Inputs, EmbeddingGenerationOptions? Options);
}
