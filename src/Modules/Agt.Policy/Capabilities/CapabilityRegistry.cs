using System.Collections.Immutable;
using Agt.Values;

namespace Agt.Policy.Capabilities;

/// <summary>
/// Who holds which capabilities. Nothing granted is nothing allowed, and denials win (spec 01, POL-194, POL-196). Thread-safe; readers take no lock.
/// </summary>
public sealed class CapabilityRegistry
{
    /// <summary>Grants at once. There is room for a tenth as many denials beside them, so that no flood of grants keeps a denial out.</summary>
    public const int MaxGrants = 100_000;

    private static readonly ActionTemplate Asked = new(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity("capability"), "capability");

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private ImmutableDictionary<AgentId, ImmutableArray<HeldGrant>> _held = ImmutableDictionary<AgentId, ImmutableArray<HeldGrant>>.Empty;
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    /// <summary>Creates an empty registry.</summary>
    /// <param name="time">The clock by which grants expire.</param>
    public CapabilityRegistry(TimeProvider? time = null) => _time = time ?? TimeProvider.System;

    /// <summary>Gives an agent a capability.</summary>
    /// <param name="grant">The grant.</param>
    /// <param name="isAdmin">Whether the grantor may administer grants; needed for <see cref="Capability.Everything"/>.</param>
    /// <exception cref="ArgumentException">The condition cannot be read, the id is taken, or everything is granted without the right to.</exception>
    /// <exception cref="InvalidOperationException">There are too many.</exception>
    public void Grant(CapabilityGrant grant, bool isAdmin = false)
    {
        ArgumentNullException.ThrowIfNull(grant);
        if (grant.Capability.IsEverything && !isAdmin)
        {
            throw new ArgumentException("Everything can only be granted by somebody who may administer grants.", nameof(grant));
        }

        Add(new HeldGrant(grant, false));
    }

    /// <summary>Takes a capability from an agent, whatever is granted.</summary>
    /// <param name="denial">The denial; its condition and resources narrow it.</param>
    /// <exception cref="ArgumentException">The condition cannot be read, or the id is taken.</exception>
    /// <exception cref="InvalidOperationException">There are too many.</exception>
    public void Deny(CapabilityGrant denial)
    {
        ArgumentNullException.ThrowIfNull(denial);
        Add(new HeldGrant(denial, true));
    }

    /// <summary>Takes one grant or denial back.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Revoke(string id) => Remove(held => held.Grant.Id == id) > 0;

    /// <summary>Takes back everything that somebody granted.</summary>
    /// <returns>How many there were.</returns>
    public int RevokeByGrantor(string grantor) => Remove(held => !held.IsDenial && held.Grant.Grantor == grantor);

    /// <summary>Takes every grant back; denials stay.</summary>
    /// <returns>How many there were.</returns>
    public int RevokeAll() => Remove(held => !held.IsDenial);

    /// <summary>Whether an agent has a capability.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="request">What it wants; text that is no capability is denied.</param>
    /// <param name="resourceId">The resource; null if none is named.</param>
    /// <param name="arguments">The arguments of the call, for conditions.</param>
    public CapabilityDecision Check(AgentId agent, string request, string? resourceId = null, GovernedValue arguments = default)
    {
        ArgumentNullException.ThrowIfNull(agent);
        if (request != "*" && !Capability.TryParse(request, out _))
        {
            return new CapabilityDecision(false, null, "The request is no capability.");
        }

        var input = new PolicyInput(Asked, arguments);
        Capability wanted = request == "*" ? Capability.Everything : Capability.Parse(request);
        bool granted = IsGranted(agent, wanted, resourceId, in input, out HeldGrant? held);
        return new CapabilityDecision(granted, held?.Grant, Explain(wanted, held));
    }

    /// <summary>The requests that an agent has the capability for, in their order (POL-196).</summary>
    public IReadOnlyList<string> Filter(AgentId agent, IEnumerable<string> requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        return [.. requests.Where(request => Check(agent, request).IsGranted)];
    }

    internal static string Explain(Capability request, HeldGrant? held) => held is null ? $"Nobody grants {request}."
        : held.IsDenial ? $"{held.Grant.Grantor} denies {held.Grant.Capability}." : $"{held.Grant.Grantor} grants {held.Grant.Capability}.";

    /// <summary>As <see cref="Check"/>, without allocating.</summary>
    internal bool IsGranted(AgentId agent, Capability request, string? resourceId, ref readonly PolicyInput input, out HeldGrant? decides)
    {
        decides = null;
        if (!Volatile.Read(ref _held).TryGetValue(agent, out ImmutableArray<HeldGrant> all))
        {
            return false;
        }

        DateTimeOffset now = _time.GetUtcNow();
        foreach (HeldGrant held in all)
        {
            if ((held.IsDenial || decides is null) && held.Applies(request, resourceId, in input, now))
            {
                decides = held;
                if (held.IsDenial)
                {
                    return false;
                }
            }
        }

        return decides is not null;
    }

    private void Add(HeldGrant held)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(held.Grant.Id);
        ArgumentException.ThrowIfNullOrWhiteSpace(held.Grant.Grantor);
        lock (_gate)
        {
            if (_ids.Count >= MaxGrants)
            {
                DateTimeOffset now = _time.GetUtcNow();
                RemoveHeld(known => known.Grant.ExpiresAt <= now);
            }

            if (_ids.Count >= (held.IsDenial ? MaxGrants + (MaxGrants / 10) : MaxGrants))
            {
                throw new InvalidOperationException($"There are {_ids.Count} grants and denials already.");
            }

            if (!_ids.Add(held.Grant.Id))
            {
                throw new ArgumentException($"There is a grant with the id '{held.Grant.Id}' already.", nameof(held));
            }

            ImmutableArray<HeldGrant> list = _held.TryGetValue(held.Grant.Grantee, out ImmutableArray<HeldGrant> known) ? known : [];
            Volatile.Write(ref _held, _held.SetItem(held.Grant.Grantee, list.Add(held)));
        }
    }

    private int Remove(Predicate<HeldGrant> which)
    {
        lock (_gate)
        {
            return RemoveHeld(which);
        }
    }

    private int RemoveHeld(Predicate<HeldGrant> which)
    {
        int before = _ids.Count;
        ImmutableDictionary<AgentId, ImmutableArray<HeldGrant>> left = _held;
        foreach ((AgentId agent, ImmutableArray<HeldGrant> list) in _held)
        {
            ImmutableArray<HeldGrant> kept = list.RemoveAll(which);
            if (kept.Length < list.Length)
            {
                _ids.ExceptWith(list.Where(held => which(held)).Select(held => held.Grant.Id));
                left = kept.IsEmpty ? left.Remove(agent) : left.SetItem(agent, kept);
            }
        }

        Volatile.Write(ref _held, left);
        return before - _ids.Count;
    }
}
