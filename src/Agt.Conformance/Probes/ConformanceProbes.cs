namespace Agt.Conformance;

/// <summary>The tools and the model that stand in for real ones, and remember what really reached them. Thread-safe.</summary>
public sealed class ConformanceProbes
{
    internal ConformanceProbes()
    {
    }

    /// <summary>The tools, to be given to the framework under their names: <c>probe_read</c>, <c>probe_write</c> and <c>probe_send</c>.</summary>
    public IReadOnlyList<ProbeTool> Tools { get; } = [new("probe_read", "Reads something."), new("probe_write", "Writes something."), new("probe_send", "Sends something.")];

    /// <summary>The model.</summary>
    public ProbeModel Model { get; } = new();

    /// <summary>A tool by its name.</summary>
    public ProbeTool this[string name] => Tools.First(tool => tool.Name == name);
}
