using Agt.Policy.Facets;

namespace Agt.Policy.Classification;

/// <summary>Where arguments of some tools state facts of the data.</summary>
internal sealed record DataFactsSource(FacetSource Tools, FacetSource? Class, FacetSource? Categories, FacetSource? Geography)
{
    internal bool Applies(ActionTemplate template) => Tools.Applies(template);
}
