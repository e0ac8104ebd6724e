using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agt.Policy.BreakGlass;

/// <summary>
/// The grants in force. A grant lifts exactly the rules it names; kill switches, identity, budgets, content checks and the record are none of its business, and an error of evaluation stays a
/// denial. Every use is a warning with the reason <c>policy:break_glass</c> in the record, a log entry and a count. Thread-safe.
/// </summary>
public sealed class BreakGlass : IDisposable
{
    /// <summary>Grants in force at once.</summary>
    public const int MaxActive = 100;

    private const int MaxRemembered = 10_000;
    private readonly BreakGlassOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Meter _meter;
    private readonly Counter<long> _uses;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private ImmutableArray<ActiveBreakGlass> _active = [];

    /// <summary>Creates the registry, without a grant.</summary>
    /// <param name="options">Who may sign.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where activations and uses are logged; null for nowhere.</param>
    /// <param name="meters">Where uses are counted (<c>agt.break_glass.uses</c>); null for a meter of its own.</param>
    /// <exception cref="ArgumentException">Fewer than two people may sign, or the longest duration is out of range.</exception>
    public BreakGlass(BreakGlassOptions options, TimeProvider? time = null, ILoggerFactory? loggers = null, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Signers.Count < 2)
        {
            throw new ArgumentException("Break-glass needs at least two people who may sign: call AddSigner for each.", nameof(options));
        }

        if (options.MaxDuration <= TimeSpan.Zero || options.MaxDuration > BreakGlassOptions.LongestDuration)
        {
            throw new ArgumentException("Break-glass: MaxDuration must be more than zero and at most 24 hours.", nameof(options));
        }

        _options = options;
        _time = time ?? TimeProvider.System;
        _logger = loggers?.CreateLogger("Agt.Policy.BreakGlass") ?? NullLogger.Instance;
        _meter = meters?.Create("Agt.Policy") ?? new Meter("Agt.Policy");
        _uses = _meter.CreateCounter<long>("agt.break_glass.uses", "{use}", "Decisions that a break-glass grant changed.");
    }

    /// <summary>Raised for every activation, use, end and revocation, after it happened. What a handler throws is logged and changes nothing.</summary>
    public event EventHandler<BreakGlassEventArgs>? Happened;

    /// <summary>The grants that have not ended.</summary>
    public IReadOnlyList<BreakGlassGrant> Active
    {
        get
        {
            DateTimeOffset now = _time.GetUtcNow();
            return [.. _active.Where(active => now < active.Grant.ExpiresAt).Select(active => active.Grant)];
        }
    }

    /// <summary>Puts a grant in force.</summary>
    /// <param name="grant">The grant.</param>
    /// <param name="signatures">The signatures of two different authorised people, or more.</param>
    /// <exception cref="BreakGlassException">It is not accepted; the message says why.</exception>
    public void Activate(BreakGlassGrant grant, params IReadOnlyList<BreakGlassSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(grant);
        ArgumentNullException.ThrowIfNull(signatures);
        DateTimeOffset now = _time.GetUtcNow();
        Check(grant, now);
        string[] signers = Verify(grant, signatures);
        lock (_gate)
        {
            _active = [.. _active.Where(active => now < active.Grant.ExpiresAt)];
            if (_seen.Count >= MaxRemembered || _active.Length >= MaxActive)
            {
                throw new BreakGlassException("Too many grants were activated; restart the host once the emergency is over.");
            }

            if (!_seen.Add(grant.Id))
            {
                throw new BreakGlassException($"A grant with the id '{grant.Id}' was activated before.");
            }

            _active = _active.Add(new ActiveBreakGlass(grant, signers));
        }

        BreakGlassLog.Activated(_logger, grant.Id, grant.Ticket, string.Join(" and ", signers), string.Join(", ", grant.Lifts), grant.ExpiresAt);
        Raise(BreakGlassEvent.Activated, grant, string.Join(" and ", signers));
    }

    /// <summary>Ends a grant at once.</summary>
    /// <param name="id">The grant.</param>
    /// <param name="by">Who ends it, for the record; anybody may.</param>
    /// <returns>Whether it was in force.</returns>
    public bool Revoke(string id, string by)
    {
        ActiveBreakGlass? ended;
        lock (_gate)
        {
            ended = _active.FirstOrDefault(active => active.Grant.Id == id);
            if (ended is null)
            {
                return false;
            }

            _active = _active.Remove(ended);
        }

        BreakGlassLog.Revoked(_logger, id, by);
        Raise(BreakGlassEvent.Revoked, ended.Grant, by);
        return _time.GetUtcNow() < ended.Grant.ExpiresAt;
    }

    /// <inheritdoc />
    public void Dispose() => _meter.Dispose();

    /// <summary>The grants that are for an action now.</summary>
    internal IEnumerable<ActiveBreakGlass> For(ActionTemplate template, GovernanceSession session)
    {
        if (_active.IsEmpty)
        {
            return [];
        }

        DateTimeOffset now = _time.GetUtcNow();
        Expire(now);
        return _active.Where(active => active.IsFor(template, session, now));
    }

    internal void Used(ActiveBreakGlass active, ActionTemplate template)
    {
        _uses.Add(1, new KeyValuePair<string, object?>("agt.break_glass.id", active.Grant.Id));
        BreakGlassLog.Used(_logger, active.Grant.Id, template.Principal.Agent.Value, template.Tool?.Name);
        Raise(BreakGlassEvent.Used, active.Grant, template.Principal.Agent.Value);
    }

    private void Expire(DateTimeOffset now)
    {
        if (!_active.Any(active => now >= active.Grant.ExpiresAt))
        {
            return;
        }

        ActiveBreakGlass[] ended;
        lock (_gate)
        {
            ended = [.. _active.Where(active => now >= active.Grant.ExpiresAt)];
            _active = _active.RemoveRange(ended);
        }

        foreach (ActiveBreakGlass active in ended)
        {
            BreakGlassLog.Expired(_logger, active.Grant.Id);
            Raise(BreakGlassEvent.Expired, active.Grant, "time");
        }
    }

    private void Check(BreakGlassGrant grant, DateTimeOffset now)
    {
        Demand(!string.IsNullOrWhiteSpace(grant.Id) && grant.Id.Length <= 128, "The grant has no id of 1 to 128 characters.");
        Demand(grant.Lifts.Count is > 0 and <= 100 && grant.Lifts.All(lifted => lifted.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash && slash < lifted.Length - 1), "The grant must name 1 to 100 rules, each as POLICY/RULE.");
        Demand(grant.Agents.Count is > 0 and <= 100, "The grant must name 1 to 100 agents.");
        Demand(grant.Tools.Count is > 0 and <= 100 && grant.Tools.All(tool => tool.Length > 0 && !tool.Contains('*', StringComparison.Ordinal)), "The grant must name 1 to 100 tools, without patterns.");
        Demand(!string.IsNullOrWhiteSpace(grant.Reason) && !string.IsNullOrWhiteSpace(grant.Ticket), "The grant must give a reason and a ticket.");
        Demand(grant.ExpiresAt > grant.NotBefore && grant.ExpiresAt - grant.NotBefore <= _options.MaxDuration, $"The grant must end after it begins and last at most {_options.MaxDuration}.");
        Demand(grant.ExpiresAt > now, "The grant has ended already.");
        Demand(grant.NotBefore <= now + _options.MaxDuration, "The grant begins too far in the future.");
    }

    private string[] Verify(BreakGlassGrant grant, IReadOnlyList<BreakGlassSignature> signatures)
    {
        Demand(signatures.Count is >= 2 and <= 16, "A grant needs the signatures of two people.");
        byte[] signed = grant.ToBeSigned();
        var people = new HashSet<string>(StringComparer.Ordinal);
        foreach (BreakGlassSignature signature in signatures)
        {
            if (!_options.Signers.TryGetValue(signature.Person, out byte[]? key))
            {
                throw new BreakGlassException($"'{signature.Person}' is not authorised to sign.");
            }

            using var algorithm = ECDsa.Create();
            algorithm.ImportSubjectPublicKeyInfo(key, out _);
            Demand(algorithm.VerifyData(signed, signature.Value.Span, HashAlgorithmName.SHA256), $"The signature of '{signature.Person}' is not one of this grant.");
            people.Add(signature.Person);
        }

        Demand(people.Count >= 2, "A grant needs the signatures of two different people.");
        return [.. people.Order(StringComparer.Ordinal)];
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new BreakGlassException(otherwise);
        }
    }

    private void Raise(BreakGlassEvent what, BreakGlassGrant grant, string by)
    {
        try
        {
            Happened?.Invoke(this, new BreakGlassEventArgs(what, grant, by));
        }
        catch (Exception exception)
        {
            BreakGlassLog.HandlerFailed(_logger, exception);
        }
    }
}
