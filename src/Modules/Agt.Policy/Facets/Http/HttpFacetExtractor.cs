using Agt.Values;

namespace Agt.Policy.Facets.Http;

/// <summary>
/// Writes <c>http.method</c>, <c>http.scheme</c>, <c>http.host</c>, <c>http.port</c>, <c>http.path</c>, <c>http.is_address</c>, <c>http.is_internal</c>, <c>http.has_user</c> and <c>http.url</c>.
/// </summary>
internal sealed class HttpFacetExtractor(FacetSource method, FacetSource url) : IFacetExtractor
{
    public string Root => "http";

    public bool Applies(ActionTemplate about, GovernedValue payload) => url.Finds(about, payload);

    public void Extract(ActionTemplate about, GovernedValue payload, ValueArena facts)
    {
        string? of = url.Applies(about) ? url.ReadText(payload) : null;
        HttpFacts found = of is null ? HttpFacts.None : HttpFacts.Of(method.ReadText(payload), of);
        Write("url", GovernedValue.From(of ?? string.Empty));
        Write("method", GovernedValue.From(found.Method));
        Write("scheme", GovernedValue.From(found.Scheme));
        Write("host", GovernedValue.From(found.Host));
        Write("port", GovernedValue.From(found.Port));
        Write("path", GovernedValue.From(found.Path));
        Write("is_address", GovernedValue.From(found.IsAddress));
        Write("is_internal", GovernedValue.From(found.IsInternal));
        Write("has_user", GovernedValue.From(found.HasUser));

        void Write(string name, GovernedValue value)
        {
            facts.Name(name);
            facts.Write(value);
        }
    }
}
