using Agt.Policy.Facets;
using Agt.Values;

namespace Agt.Policy.Classification;

/// <summary>Lets rules read what is known of the data: <c>data_facts.class</c>, <c>.categories</c>, <c>.geography</c>, <c>.labels</c>.</summary>
internal sealed class DataFactsExtractor(DataClassifier classifier) : IFacetExtractor
{
    public string Root => "data_facts";

    public bool Applies(ActionTemplate about, GovernedValue payload) => true;

    public void Extract(ActionTemplate about, GovernedValue payload, ValueArena facts)
    {
        SensitiveLabels found = classifier.Detects ? SensitiveData.FindIn(payload) : SensitiveLabels.None;
        DataFacts known = classifier.FactsOf(about, payload, found);
        facts.Name("class");
        facts.Write(GovernedValue.From(known.Class.WireName()));
        facts.Name("categories");
        facts.BeginList();
        foreach (string category in known.Categories)
        {
            facts.Write(GovernedValue.From(category));
        }

        facts.End();
        facts.Name("geography");
        facts.Write(GovernedValue.From(known.Geography));
        facts.Name("labels");
        facts.BeginList();
        foreach (SensitiveLabels label in (ReadOnlySpan<SensitiveLabels>)[SensitiveLabels.Pii, SensitiveLabels.Pci, SensitiveLabels.Phi])
        {
            if ((found & label) != 0)
            {
                facts.Write(GovernedValue.From(label.ToString().ToUpperInvariant()));
            }
        }

        facts.End();
    }
}
