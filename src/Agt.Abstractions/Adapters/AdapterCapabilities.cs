namespace Agt.Adapters;

/// <summary>What an adapter can do in its framework (ADP 4.1).</summary>
[Flags]
public enum AdapterCapabilities
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Change a tool's arguments.</summary>
    RewriteArguments = 1,

    /// <summary>Change a tool's result.</summary>
    RewriteResult = 2,

    /// <summary>Keep a tool from running.</summary>
    BlockTool = 4,

    /// <summary>Keep a model from being called.</summary>
    BlockModel = 8,

    /// <summary>Stop the framework's loop.</summary>
    Terminate = 16,

    /// <summary>Govern streams.</summary>
    Stream = 32,

    /// <summary>Govern calls that run at once.</summary>
    ParallelCalls = 64,

    /// <summary>Wait for a person in the call.</summary>
    InlineApproval = 128,

    /// <summary>Use the framework's own approval.</summary>
    NativeApproval = 256,

    /// <summary>Pass cancellation on.</summary>
    Cancel = 512,
}
