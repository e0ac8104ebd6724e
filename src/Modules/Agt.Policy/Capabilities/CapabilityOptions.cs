using Agt.Policy.Compilation;
using Agt.Policy.Facets;

namespace Agt.Policy.Capabilities;

/// <summary>Which capabilities tools need. Not thread-safe; settled before the first action.</summary>
public sealed class CapabilityOptions
{
    internal List<(Glob Tools, Capability Capability, FacetSource? Resource)> Required { get; } = [];

    /// <summary>Whether a tool of which nothing is said may be called. Default false.</summary>
    public bool AllowOtherTools { get; set; }

    /// <summary>Says that tools need a capability. A tool may need several; it needs all.</summary>
    /// <param name="tools">A pattern with <c>*</c> and <c>?</c>.</param>
    /// <param name="capability">Such as <c>read:crm:customers</c>.</param>
    /// <param name="resourceId">The argument that names the resource, as a dotted path; null if none does.</param>
    /// <exception cref="FormatException">That is no capability.</exception>
    public CapabilityOptions Require(string tools, string capability, string? resourceId = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(tools);
        Required.Add((new Glob(tools), Capability.Parse(capability), resourceId is null ? null : new FacetSource(resourceId, "*")));
        return this;
    }
}
