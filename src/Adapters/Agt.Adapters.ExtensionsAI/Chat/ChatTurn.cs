using Agt.Adapters.ExtensionsAI.NativeApprovals;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Chat;

/// <summary>
/// What the two layers and the functions between them have to know of one request to the outer layer: answers that persons gave, denials that were decided on already, and how often the
/// same call was denied. Flows with async calls; thread-safe.
/// </summary>
internal sealed class ChatTurn(ChatGovernor governor, FunctionInvokingChatClient? loop, SessionLease lease)
{
    private static readonly AsyncLocal<ChatTurn?> Ambient = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, GrantedCall> _grants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Denial> _denials = new(StringComparer.Ordinal);
    private readonly Dictionary<Digest, int> _repeats = [];
    private readonly HashSet<ToolApprovalResponseContent> _answers = new(ReferenceEqualityComparer.Instance);

    /// <summary>The turn that the current code runs in.</summary>
    internal static ChatTurn? Current => Ambient.Value;

    internal ChatGovernor Governor => governor;

    internal FunctionInvokingChatClient? Loop => loop;

    /// <summary>The session of the turn, and whether it ends with it.</summary>
    internal SessionLease Lease => lease;

    /// <summary>The last reply that the inner layer let out as a stream, if the loop hands such replies on as they are; the outer layer need not put it together again.</summary>
    internal Reply? Released { get; set; }

    /// <summary>Makes the turn the current one for all that the calling method calls from now on.</summary>
    internal void Enter() => Ambient.Value = this;

    internal void Grant(string callId, GrantedCall grant)
    {
        lock (_lock)
        {
            _grants[callId] = grant;
        }
    }

    internal void Deny(string callId, Denial denial)
    {
        lock (_lock)
        {
            _denials[callId] = denial;
        }
    }

    /// <summary>Remembers an answer that counts.</summary>
    internal void Admit(ToolApprovalResponseContent answer)
    {
        lock (_lock)
        {
            _answers.Add(answer);
        }
    }

    /// <summary>Whether an answer went through the outer layer, and nowhere else.</summary>
    internal bool TryTakeAnswer(ToolApprovalResponseContent answer)
    {
        lock (_lock)
        {
            return _answers.Remove(answer);
        }
    }

    internal GrantedCall? TakeGrant(string callId)
    {
        lock (_lock)
        {
            return _grants.Remove(callId, out GrantedCall? grant) ? grant : null;
        }
    }

    internal bool TryTakeDenial(string callId, out Denial denial)
    {
        lock (_lock)
        {
            return _denials.Remove(callId, out denial);
        }
    }

    /// <summary>Counts a denied call.</summary>
    /// <returns>Whether a model that asks the same again and again has asked often enough (ADP-152).</returns>
    internal bool IsOnceTooOften(string name, IDictionary<string, object?>? arguments)
    {
        Digest digest = DigestOf(name, arguments);
        lock (_lock)
        {
            _repeats.TryGetValue(digest, out int seen);
            _repeats[digest] = seen + 1;
            return seen + 1 >= governor.Options.MaxDeniedRepeats;
        }
    }

    /// <summary>The call without its id. One that cannot be frozen counts as equal to every other such call of the function.</summary>
    private Digest DigestOf(string name, IDictionary<string, object?>? arguments)
    {
        var arena = new ValueArena(PayloadLimits.Default);
        try
        {
            arena.BeginList();
            arena.Write(GovernedValue.From(name));
            governor.Freezer.Write(arguments, arena);
            return CanonicalJson.DigestOf(arena.End());
        }
        catch (PayloadException)
        {
            return Digest.Of(System.Text.Encoding.UTF8.GetBytes(name));
        }
    }
}
