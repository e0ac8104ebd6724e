using Xunit.v3;

namespace Agt.Testing;

/// <summary>
/// Names the requirement rows (for example <c>POL-012</c>) that a test proves. <c>docs/conformance.md</c> is generated from these.
/// Each id becomes an xunit trait, so <c>--filter-trait Requirement=POL-012</c> runs the tests of one row.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
public sealed class RequirementAttribute : Attribute, ITraitAttribute
{
    /// <summary>Creates the mark.</summary>
    /// <param name="ids">One or more requirement ids.</param>
    public RequirementAttribute(params string[] ids) => Ids = ids;

    /// <summary>The requirement ids.</summary>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>Whether the tests cover the row only in part; the note says what is missing.</summary>
    public string? Partial { get; init; }

    /// <inheritdoc />
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() =>
        [.. Ids.Select(id => new KeyValuePair<string, string>("Requirement", id))];
}
