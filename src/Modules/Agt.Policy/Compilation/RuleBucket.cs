namespace Agt.Policy.Compilation;

/// <summary>Rules that are found together. Immutable.</summary>
internal sealed class RuleBucket
{
    internal RuleBucket(int id, int[] rules, CompiledRule[] all)
    {
        Id = id;
        Rules = rules;
        StaticTests = [.. rules.SelectMany(rule => all[rule].StaticTests).Distinct(ReferenceEqualityComparer.Instance).Cast<Test>()];
    }

    /// <summary>Its number within its index.</summary>
    internal int Id { get; }

    /// <summary>The places of its rules in the order of evaluation, ascending.</summary>
    internal int[] Rules { get; }

    /// <summary>What plans of these rules depend on.</summary>
    internal Test[] StaticTests { get; }
}
