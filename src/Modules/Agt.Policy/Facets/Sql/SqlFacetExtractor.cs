using Agt.Values;

namespace Agt.Policy.Facets.Sql;

/// <summary>Writes <c>sql.verb</c>, <c>sql.target</c>, <c>sql.tables</c>, <c>sql.functions</c> and <c>sql.query</c> (POL-249).</summary>
internal sealed class SqlFacetExtractor(FacetSource query, int maxCharacters) : IFacetExtractor
{
    public string Root => "sql";

    public bool Applies(ActionTemplate about, GovernedValue payload) => query.Finds(about, payload);

    public void Extract(ActionTemplate about, GovernedValue payload, ValueArena facts)
    {
        string? text = query.Applies(about) ? query.ReadText(payload) : null;
        SqlFacts found = text is null ? SqlFacts.None : SqlFacts.Of(text, maxCharacters);
        facts.Name("query");
        facts.Write(GovernedValue.From(text ?? string.Empty));
        facts.Name("verb");
        facts.Write(GovernedValue.From(found.Verb));
        facts.Name("target");
        facts.Write(GovernedValue.From(found.Target));
        facts.Name("tables");
        facts.Write(GovernedValue.From(string.Join(',', found.Tables)));
        facts.Name("functions");
        facts.Write(GovernedValue.From(string.Join(',', found.Functions)));
    }
}
