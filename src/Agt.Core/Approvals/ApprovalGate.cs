using System.Security.Cryptography;
using System.Text;
using Agt.Chain;
using Agt.Values;
using Microsoft.Extensions.Logging;

namespace Agt.Approvals;

/// <summary>Asks the broker, and believes only an answer that fits: for this very request, in time, by somebody other than the agent, for what will really run.</summary>
internal sealed class ApprovalGate
{
    private readonly IApprovalBroker? _broker;
    private readonly ApprovalTicketSealer _sealer;
    private readonly GovernanceClock _clock;
    private readonly TimeSpan _timeout;
    private readonly ApprovalFatigue? _fatigue;
    private readonly ILogger _logger;

    internal ApprovalGate(IApprovalBroker? broker, ApprovalTicketSealer sealer, GovernanceClock clock, TimeSpan timeout, ApprovalFatigue? fatigue, ILogger logger)
    {
        _broker = broker;
        _sealer = sealer;
        _clock = clock;
        _timeout = timeout;
        _fatigue = fatigue;
        _logger = logger;
    }

    /// <summary>Asks about the action as it stands in the context.</summary>
    /// <param name="context">The operation.</param>
    /// <param name="subject">What will run, or what would be released.</param>
    /// <param name="escalations">Who asks.</param>
    /// <param name="cancellationToken">The caller's own token; its cancellation passes through.</param>
    internal async ValueTask<ApprovalResult> AskAsync(
        OperationContext context, GovernedValue subject, IReadOnlyList<Contribution> escalations, CancellationToken cancellationToken)
    {
        // An answer that came with the action is about the action; nobody has seen its result yet.
        IApprovalBroker? broker = context.Point == context.Template.Point ? context.Action.Approver ?? _broker : _broker;
        if (broker is null)
        {
            return ApprovalResult.Refused(ReasonCodes.ApprovalResolverMissing, null);
        }

        // Whose answer came with the action was asked when the action was rehearsed.
        if (!ReferenceEquals(broker, context.Action.Approver) && !MayAsk(context))
        {
            return ApprovalResult.Refused(ReasonCodes.ApprovalDenied, ApprovalFatigue.Approver);
        }

        string nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        string id = Guid.CreateVersion7(_clock.ToUtc(_clock.Now())).ToString();
        Digest digest = ActionDigest.Compute(context.Template, context.Session.Id, subject);
        long started = _clock.Now();
        DateTimeOffset expiresAt = _clock.ToUtc(started) + _timeout;
        string ticket = _sealer.Seal(id, digest, context.Session.Id, expiresAt, nonce);
        var request = new ApprovalRequest(id, ticket, digest, context.Policy?.SetDigest ?? default, expiresAt, context, escalations, subject.Detach());
        ApprovalResponse? response;
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            Task<ApprovalResponse> asked = broker.RequestAsync(request, giveUp.Token).AsTask();
            try
            {
                response = await asked.WaitAsync(_timeout, _clock.Provider, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                await giveUp.CancelAsync().ConfigureAwait(false);
                Unobserved.Ignore(asked);
                throw;
            }
        }
        catch (TimeoutException)
        {
            return ApprovalResult.Refused(ReasonCodes.ApprovalTimeout, null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            GovernanceLog.ApprovalBrokerFailed(_logger, exception);
            return ApprovalResult.Refused(ReasonCodes.ApprovalResolverFailed, null);
        }

        return Judge(context, subject, request, response, started);
    }

    /// <summary>Whether one more question of this agent may reach a person now; counts it.</summary>
    internal bool MayAsk(OperationContext context)
    {
        if (_fatigue is null || _fatigue.TryAsk(context.Template.Principal.Agent))
        {
            return true;
        }

        GovernanceLog.ApprovalFatigue(_logger, context.Template.Principal.Agent.Value);
        return false;
    }

    private ApprovalResult Judge(OperationContext context, GovernedValue subject, ApprovalRequest request, ApprovalResponse? response, long started)
    {
        if (ReferenceEquals(response, ApprovalResponse.Suspended))
        {
            return ApprovalResult.Refused(ReasonCodes.ApprovalRequired, null);
        }

        if (response is null || string.IsNullOrWhiteSpace(response.Approver) || response.Approver == context.Template.Principal.Agent.Value)
        {
            return ApprovalResult.Refused(ReasonCodes.ApprovalResolverFailed, response?.Approver);
        }

        // The ticket carries a fresh nonce, so an answer to any other request, or an earlier answer to an equal one, does not fit.
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(response.Ticket ?? string.Empty), Encoding.UTF8.GetBytes(request.Ticket)))
        {
            return ApprovalResult.Refused(ReasonCodes.ApprovalActionMismatch, response.Approver);
        }

        if (!response.IsApproved)
        {
            return ApprovalResult.Refused(ReasonCodes.ApprovalDenied, response.Approver);
        }

        if (_clock.Between(started, _clock.Now()) > _timeout)
        {
            return ApprovalResult.Refused(ReasonCodes.ApprovalTimeout, response.Approver);
        }

        bool samePolicy = ReferenceEquals(context.Session.Policy, context.Policy) ||
            (context.Session.Policy is { } now && context.Policy is { } then && now.SetDigest == then.SetDigest);
        return samePolicy && ActionDigest.Compute(context.Template, context.Session.Id, subject) == request.ActionDigest
            ? new ApprovalResult(true, ReasonCodes.Approved, response.Approver)
            : ApprovalResult.Refused(ReasonCodes.ApprovalActionMismatch, response.Approver);
    }
}
