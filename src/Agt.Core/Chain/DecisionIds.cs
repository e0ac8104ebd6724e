namespace Agt.Chain;

/// <summary>Hands out decision ids: a lane by thread, a counter in the lane.</summary>
internal sealed class DecisionIds
{
    private const int Lanes = 16;
    private readonly Lane[] _lanes = new Lane[Lanes];

    internal DecisionId Next()
    {
        int lane = Environment.CurrentManagedThreadId & (Lanes - 1);
        return new DecisionId(((ulong)lane << 48) | (ulong)Interlocked.Increment(ref _lanes[lane].Count));
    }
}
