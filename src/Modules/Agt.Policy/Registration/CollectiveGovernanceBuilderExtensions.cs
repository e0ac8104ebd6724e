using Agt;
using Agt.Policy.Collective;
using Agt.Policy.Facets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds bounds on what all agents do together.</summary>
public static class CollectiveGovernanceBuilderExtensions
{
    /// <summary>Adds a bound on what all agents of this process do together. It is decided behind the policies; what they deny never counts. Counts are kept in memory.</summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="rule">The bound.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The rule has no name, no positive threshold or window, no value where it needs one, or a condition that cannot be read.</exception>
    public static IGovernanceBuilder AddCollectiveRule(this IGovernanceBuilder builder, CollectiveRule rule)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentException.ThrowIfNullOrWhiteSpace(rule.Name);
        if (!(rule.Threshold > 0) || !double.IsFinite(rule.Threshold))
        {
            throw new ArgumentException($"Collective rule '{rule.Name}': the threshold must be greater than 0.", nameof(rule));
        }

        if (rule.Window <= TimeSpan.Zero)
        {
            throw new ArgumentException($"Collective rule '{rule.Name}': the window must be longer than zero.", nameof(rule));
        }

        bool needsValue = rule.Aggregate is CollectiveAggregate.Sum or CollectiveAggregate.Max;
        if (needsValue == string.IsNullOrWhiteSpace(rule.Value))
        {
            throw new ArgumentException($"Collective rule '{rule.Name}': a value is for Sum and Max, and they need one, such as args.amount.", nameof(rule));
        }

        try
        {
            // Read once here, so that a slip shows where it was written.
            _ = new CollectiveInterceptor(rule, TimeProvider.System, null);
        }
        catch (Agt.Policy.Syntax.ConditionException exception)
        {
            throw new ArgumentException($"Collective rule '{rule.Name}': {exception.Message}", nameof(rule), exception);
        }

        builder.Services.TryAddSingleton(provider => new FacetReader(provider.GetRequiredService<IOptions<FacetOptions>>().Value));
        builder.Services.AddSingleton<IInterceptor>(provider => new CollectiveInterceptor(rule, provider.GetService<TimeProvider>() ?? TimeProvider.System, provider.GetRequiredService<FacetReader>()));
        return builder;
    }
}
