using Agt.Policy.RateLimits;

namespace Agt.Policy.Compilation;

/// <summary>The rate limit of a rule, and the windows it met last. Thread-safe.</summary>
internal sealed class RateLimitRule(string policy, string rule, RateLimitScope scope, RateLimit limit)
{
    private const int Cached = 16;
    private readonly Entry?[] _cache = new Entry?[Cached];

    /// <summary>Takes one call from the window of the input's subject.</summary>
    /// <returns>False when there is no room for another key, which refuses.</returns>
    internal bool TryAcquire(IRateLimitStore store, ref readonly PolicyInput input, out RateLimitWindow? taken, out RateLimitAnswer answer)
    {
        string subject = SubjectOf(in input);
        ref Entry? place = ref _cache[PlaceOf(subject)];
        Entry? entry = Volatile.Read(ref place);
        if (entry is not null && ReferenceEquals(entry.Store, store) && entry.Subject == subject)
        {
            taken = entry.Window;
            answer = taken.TryAcquire();
            if (answer.Status != RateLimitStatus.Retired)
            {
                return true;
            }
        }

        // A window may be retired between being found and being used; a store that goes on doing so is refused.
        for (int attempt = 0; attempt < 3; attempt++)
        {
            taken = store.GetWindow(new RateLimitKey(policy, rule, scope, subject, limit));
            if (taken is null)
            {
                break;
            }

            answer = taken.TryAcquire();
            if (answer.Status != RateLimitStatus.Retired)
            {
                Volatile.Write(ref place, new Entry(store, subject, taken));
                return true;
            }
        }

        taken = null;
        answer = default;
        return false;
    }

    private static int PlaceOf(string subject) => subject.Length == 0 ? 0 : ((subject.Length * 31) + subject[^1]) & (Cached - 1);

    private string SubjectOf(ref readonly PolicyInput input) => scope switch
    {
        RateLimitScope.Agent => input.Template.Principal.Agent.Value,
        RateLimitScope.Tenant => input.Template.Principal.Tenant ?? string.Empty,
        RateLimitScope.Session => input.SessionName ?? string.Empty,
        _ => input.Template.Tool?.Name ?? string.Empty,
    };

    private sealed record Entry(IRateLimitStore Store, string Subject, RateLimitWindow Window);
}
