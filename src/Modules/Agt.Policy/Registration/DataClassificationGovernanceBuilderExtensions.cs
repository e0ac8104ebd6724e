using Agt;
using Agt.Policy.Classification;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds rules about which data agents may work with.</summary>
public static class DataClassificationGovernanceBuilderExtensions
{
    /// <summary>
    /// Denies tool calls whose data the agent may not work with, by class, category and place of the data (spec 01, POL-243), and withholds results in which more closely held data is found.
    /// An agent for which no policy was added is denied. Rules read the facts as <c>data_facts.class</c>, <c>data_facts.categories</c>, <c>data_facts.geography</c> and <c>data_facts.labels</c>.
    /// </summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="configure">Says what tools work with and what agents may see.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">A class is none of the five.</exception>
    public static IGovernanceBuilder AddDataClassification(this IGovernanceBuilder builder, Action<DataClassificationOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new DataClassificationOptions();
        configure(options);
        if (!Enum.IsDefined(options.UnstatedClass) || options.Policies.Exists(pair => !Enum.IsDefined(pair.Policy.MaxClass)))
        {
            throw new ArgumentException("Data classification: a class is none of the five.", nameof(configure));
        }

        var classifier = new DataClassifier(options);
        builder.Services.AddSingleton<IInterceptor>(_ => new DataClassificationInterceptor(classifier));
        return builder.AddFacets(facets => facets.Add(new DataFactsExtractor(classifier)));
    }
}
