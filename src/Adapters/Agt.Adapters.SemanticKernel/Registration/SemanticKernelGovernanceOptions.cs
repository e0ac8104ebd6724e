namespace Agt.Adapters.SemanticKernel;

/// <summary>How Semantic Kernel is governed. Set once, before the first call; not read again after that.</summary>
public sealed class SemanticKernelGovernanceOptions : AdapterOptions
{
    /// <summary>The most bytes (UTF-8) of one streamed result (spec 08, ADP-131), 1 to 8,388,608 (the default). A stream is held back until it is decided on; a longer one is denied.</summary>
    public int MaxStreamBytes { get; set; } = 8_388_608;

    /// <summary>The most updates of one streamed result, 1 to 10,000 (the default). A stream of more is denied.</summary>
    public int MaxStreamUpdates { get; set; } = 10_000;

    /// <summary>When a streamed reply is let out. Default <see cref="StreamingMode.Buffer"/>.</summary>
    public StreamingMode Streaming { get; set; }

    /// <summary>How often a model may ask for the same denied call in one request before the loop is stopped, 1 to 1,000. Default 3. Each time it is decided on anew.</summary>
    public int MaxDeniedRepeats { get; set; } = 3;

    internal void Validate()
    {
        if (MaxDeniedRepeats is < 1 or > 1_000)
        {
            throw new InvalidOperationException("Governance of Semantic Kernel: MaxDeniedRepeats must be between 1 and 1,000.");
        }

        if (MaxStreamBytes is < 1 or > 8_388_608)
        {
            throw new InvalidOperationException("Governance of Semantic Kernel: MaxStreamBytes must be between 1 and 8,388,608.");
        }

        if (MaxStreamUpdates is < 1 or > 10_000)
        {
            throw new InvalidOperationException("Governance of Semantic Kernel: MaxStreamUpdates must be between 1 and 10,000.");
        }

        if (!Enum.IsDefined(Streaming))
        {
            throw new InvalidOperationException("Governance of Semantic Kernel: Streaming must be Buffer, Window or Observe.");
        }

        if (Agent is null)
        {
            throw new InvalidOperationException("Governance of Semantic Kernel: Agent must be set. Leave the default for an anonymous agent.");
        }
    }
}
