namespace Agt.Policy.Compilation;

/// <summary>Everything about a kind of action that its plan depends on: which rules were found, and what the template answers to their tests.</summary>
internal readonly struct PlanKey : IEquatable<PlanKey>
{
    private readonly byte[] _parts;
    private readonly int _hash;

    internal PlanKey(byte[] parts)
    {
        _parts = parts;
        var hash = default(HashCode);
        hash.AddBytes(parts);
        _hash = hash.ToHashCode();
    }

    public bool Equals(PlanKey other) => _hash == other._hash && _parts.AsSpan().SequenceEqual(other._parts);

    public override bool Equals(object? obj) => obj is PlanKey other && Equals(other);

    public override int GetHashCode() => _hash;
}
