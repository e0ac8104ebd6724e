using Agt.Values;

namespace Agt.Testing;

/// <summary>A policy source without rules, for tests of what sessions pin.</summary>
public sealed class TestPolicySource : IPolicySource
{
    public IPolicySnapshot Current { get; set; } = new Snapshot(1, null);

    public sealed record Snapshot(long Generation, SessionLimits? SessionLimits) : IPolicySnapshot
    {
        public Digest SetDigest => Digest.Of(BitConverter.GetBytes(Generation));
    }
}
