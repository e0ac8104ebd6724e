using System.Runtime.CompilerServices;
using Agt.Audit;
using Agt.Compliance.Engine;
using Microsoft.Extensions.Options;

namespace Agt.Compliance.Transparency;

/// <summary>
/// Keeps agents from using tools until people have been told what they must be told (spec 09, CMP-204). The host confirms what was said, for one session; an agent cannot. Confirmations are records of the log where
/// there is one.
/// </summary>
/// <remarks>Thread-safe. What is known of a session is gone with it.</remarks>
public sealed class TransparencyGate
{
    private readonly ConditionalWeakTable<GovernanceSession, State> _sessions = [];
    private readonly TransparencyOptions _options;
    private readonly AuditLog? _log;

    /// <summary>Creates a gate.</summary>
    /// <param name="options">What must have been said.</param>
    /// <param name="log">Where confirmations are recorded; null for nowhere.</param>
    public TransparencyGate(IOptions<TransparencyOptions> options, AuditLog? log = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Value;
        _log = log;
    }

    /// <summary>Confirms that people were told, for the rest of a session. Call it from where the notice was shown or the answer came in; never because a model says so.</summary>
    /// <param name="session">The session.</param>
    /// <param name="disclosures">What they were told.</param>
    /// <param name="cancellationToken">Ends the wait for the record; the disclosure is then not confirmed.</param>
    /// <returns>Whether the session was open.</returns>
    /// <exception cref="IOException">The log cannot take the record; the disclosure is not confirmed.</exception>
    public async ValueTask<bool> ConfirmAsync(GovernanceSession session, Disclosures disclosures, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentOutOfRangeException.ThrowIfEqual((int)disclosures, (int)Disclosures.None, nameof(disclosures));
        if (session.IsClosed)
        {
            return false;
        }

        if (_log is not null)
        {
            var attributes = new Dictionary<string, string>(StringComparer.Ordinal) { [ComplianceEvents.Disclosed] = Name(disclosures), [ComplianceEvents.Session] = session.Id.Value };
            await _log.AppendAsync(new AuditEvent("event", ComplianceEvents.Disclosure, "disclose") { Agent = session.Principal.Agent, Attributes = attributes }, cancellationToken).ConfigureAwait(false);
        }

        Interlocked.Or(ref _sessions.GetValue(session, static _ => new State()).Confirmed, (int)disclosures);
        return true;
    }

    /// <summary>What people were told in a session.</summary>
    /// <param name="session">The session.</param>
    public Disclosures Confirmed(GovernanceSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return _sessions.TryGetValue(session, out State? state) ? (Disclosures)Volatile.Read(ref state.Confirmed) : Disclosures.None;
    }

    /// <summary>What is still to be said before a tool may run.</summary>
    /// <param name="session">The session.</param>
    /// <param name="tool">The name of the tool, or null.</param>
    public Disclosures Missing(GovernanceSession session, string? tool)
    {
        ArgumentNullException.ThrowIfNull(session);
        Disclosures needed = _options.For(session.Principal.Agent.Value) switch
        {
            DisclosureLevel.None => Disclosures.None,
            DisclosureLevel.Basic => Disclosures.AiInteraction,
            DisclosureLevel.Enhanced => Disclosures.AiInteraction | Disclosures.GeneratedContent,
            _ => Disclosures.AiInteraction | Disclosures.GeneratedContent | Disclosures.Acknowledged,
        };
        if (tool is not null)
        {
            foreach (string pattern in _options.EmotionRecognitionTools)
            {
                if (TransparencyOptions.Fits(pattern, tool))
                {
                    needed |= Disclosures.EmotionRecognition;
                    break;
                }
            }
        }

        return needed & ~Confirmed(session);
    }

    internal static string Name(Disclosures disclosures)
    {
        var names = new List<string>(4);
        foreach ((Disclosures flag, string name) in new[]
        {
            (Disclosures.AiInteraction, "ai_interaction"), (Disclosures.GeneratedContent, "generated_content"), (Disclosures.Acknowledged, "acknowledged"), (Disclosures.EmotionRecognition, "emotion_recognition"),
        })
        {
            if ((disclosures & flag) != 0)
            {
                names.Add(name);
            }
        }

        return string.Join(',', names);
    }

    private sealed class State
    {
        internal int Confirmed;
    }
}
