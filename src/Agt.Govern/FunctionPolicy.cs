using Agt.Policy.Limits;
using Microsoft.Extensions.DependencyInjection;

namespace Agt;

/// <summary>The policy of one function: a file, a text, or limits as a value (spec 01, POL-185). What a string means is said, not guessed: a path that does not exist is never read as a policy. Immutable.</summary>
public sealed class FunctionPolicy
{
    private readonly Action<IGovernanceBuilder> _add;

    private FunctionPolicy(Action<IGovernanceBuilder> add) => _add = add;

    /// <summary>A policy file, or all policies of a directory.</summary>
    /// <param name="path">The file or directory.</param>
    public static FunctionPolicy FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new FunctionPolicy(builder => builder.AddPolicy(path));
    }

    /// <summary>A policy as text.</summary>
    /// <param name="text">YAML, or JSON if it begins with a brace.</param>
    public static FunctionPolicy FromText(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        return new FunctionPolicy(builder => builder.AddPolicyText(text));
    }

    /// <summary>Limits as a value.</summary>
    /// <param name="policy">The limits.</param>
    public static FunctionPolicy From(GovernancePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return new FunctionPolicy(builder => builder.AddGovernancePolicy(policy));
    }

    /// <summary>This policy and another: whatever one of them denies is denied.</summary>
    /// <param name="other">The other.</param>
    public FunctionPolicy And(FunctionPolicy other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new FunctionPolicy(builder =>
        {
            _add(builder);
            other._add(builder);
        });
    }

    internal void AddTo(IGovernanceBuilder builder) => _add(builder);
}
