using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>One manifest of a host, loaded when it is first needed.</summary>
internal sealed class AcsRegistration(AcsOptions options, Func<AcsOptions, AcsManifest> load)
{
    private readonly Lock _gate = new();
    private AcsManifest? _manifest;

    internal AcsOptions Options => options;

    internal AcsManifest Manifest
    {
        get
        {
            lock (_gate)
            {
                return _manifest ??= load(options);
            }
        }
    }
}

/// <summary>What sessions keep where a host has manifests and no policies of Agt.</summary>
internal sealed class AcsPolicySource(IEnumerable<AcsRegistration> registrations) : IPolicySource
{
    private readonly Snapshot _current = new(registrations.Aggregate(default(Digest), static (digest, one) => digest.IsEmpty ? one.Manifest.Digest : Both(digest, one.Manifest.Digest)));

    public IPolicySnapshot Current => _current;

    private static Digest Both(Digest one, Digest other)
    {
        Span<byte> bytes = stackalloc byte[64];
        one.CopyTo(bytes);
        other.CopyTo(bytes[32..]);
        return Digest.Of(bytes);
    }

    private sealed record Snapshot(Digest SetDigest) : IPolicySnapshot
    {
        public long Generation => 1;

        public SessionLimits? SessionLimits => null;
    }
}
