namespace Agt.Audit.Export;

/// <summary>What became of a batch (spec 09, AUD-508).</summary>
public enum SinkResult
{
    /// <summary>The other side has it.</summary>
    Success = 0,

    /// <summary>The other side does not have it. The same batch is sent again.</summary>
    Failure = 1,

    /// <summary>The other side will never take it. It is counted, and the next one is sent; the log still has it.</summary>
    Dropped = 2,
}
