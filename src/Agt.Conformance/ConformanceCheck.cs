using Agt.Adapters;

namespace Agt.Conformance;

/// <summary>One check of the suite (spec 08, section 8).</summary>
public sealed class ConformanceCheck
{
    internal ConformanceCheck(string id, string title, AdapterCapabilities needs, bool needsModel, Func<CheckContext, Task>? run, string? unsupported = null)
    {
        Id = id;
        Title = title;
        Needs = needs;
        NeedsModel = needsModel;
        Run = run;
        Unsupported = unsupported;
    }

    /// <summary>Its id, <c>ADP-C01</c> to <c>ADP-C60</c>.</summary>
    public string Id { get; }

    /// <summary>What it checks.</summary>
    public string Title { get; }

    /// <summary>What an adapter must declare for it; adapters that do not are not held to it.</summary>
    public AdapterCapabilities Needs { get; }

    /// <summary>Whether it is for adapters that cover requests to models.</summary>
    public bool NeedsModel { get; }

    /// <summary>Whether it is repeated, because what it looks for depends on timing.</summary>
    public bool IsRepeated => string.CompareOrdinal(Id, "ADP-C30") >= 0 && string.CompareOrdinal(Id, "ADP-C36") <= 0;

    /// <summary>Why this version of the suite does not run it for any adapter; null if it does.</summary>
    public string? Unsupported { get; }

    internal Func<CheckContext, Task>? Run { get; }

    /// <summary>Why an adapter is not held to it; null if it is.</summary>
    internal string? Excuse(AdapterDescriptor descriptor) =>
        Unsupported
        ?? (NeedsModel && !descriptor.Points.Contains(InterventionPoint.PreModelCall) ? "the adapter does not cover requests to models"
        : (Needs & ~descriptor.Capabilities) is not 0 and var missing ? $"the adapter does not declare {missing}"
        : null);

    /// <inheritdoc />
    public override string ToString() => $"{Id} {Title}";
}
