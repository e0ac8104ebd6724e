using Agt.Values;

namespace Agt.Policy.Facets.Kubernetes;

/// <summary>Writes <c>k8s.verb</c>, <c>k8s.resource</c>, <c>k8s.namespace</c>, <c>k8s.name</c>, <c>k8s.subresource</c>, <c>k8s.group</c>, <c>k8s.method</c> and <c>k8s.path</c> (POL-250).</summary>
internal sealed class KubernetesFacetExtractor(FacetSource method, FacetSource path) : IFacetExtractor
{
    public string Root => "k8s";

    public bool Applies(ActionTemplate about, GovernedValue payload) => path.Finds(about, payload) || method.Finds(about, payload);

    public void Extract(ActionTemplate about, GovernedValue payload, ValueArena facts)
    {
        string? verb = method.Applies(about) ? method.ReadText(payload) : null;
        string? of = path.Applies(about) ? path.ReadText(payload) : null;
        KubernetesFacts found = verb is null && of is null ? KubernetesFacts.None
            : verb is null || of is null ? KubernetesFacts.NotUnderstood
            : KubernetesFacts.Of(verb, of);
        Write("method", verb ?? string.Empty);
        Write("path", of ?? string.Empty);
        Write("verb", found.Verb);
        Write("resource", found.Resource);
        Write("namespace", found.Namespace);
        Write("name", found.Name);
        Write("subresource", found.Subresource);
        Write("group", found.Group);

        void Write(string name, string value)
        {
            facts.Name(name);
            facts.Write(GovernedValue.From(value));
        }
    }
}
