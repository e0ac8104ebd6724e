using Agt.Policy.Compilation;
using Agt.Policy.Facets;

namespace Agt.Policy.Classification;

/// <summary>Which data tools work with, and which agents may work with it (spec 01, POL-243, POL-244). Not thread-safe; settled before the first action.</summary>
public sealed class DataClassificationOptions
{
    internal List<(Glob Agents, DataAccessPolicy Policy)> Policies { get; } = [];

    internal List<(Glob Tools, DataFacts Facts)> Declared { get; } = [];

    internal List<Glob> Exempt { get; } = [];

    internal List<DataFactsSource> Sources { get; } = [];

    /// <summary>
    /// The class of data of which nobody says anything: neither <see cref="Declare"/> for the tool nor an argument. Default <see cref="DataClass.TopSecret"/>, so that a tool nobody thought about
    /// is refused to agents that may not see everything.
    /// </summary>
    public DataClass UnstatedClass { get; set; } = DataClass.TopSecret;

    /// <summary>
    /// Whether arguments and results are searched for personal, payment and health data (see <see cref="SensitiveData"/>): what is found raises the class, and what is found in a result or an
    /// error labels the session <c>pii</c>, <c>pci</c> or <c>phi</c>. Default true.
    /// </summary>
    public bool Detect { get; set; } = true;

    /// <summary>Lets agents work with data. Every policy whose pattern fits an agent must permit; an agent that none fits is denied.</summary>
    /// <param name="agents">A pattern with <c>*</c> and <c>?</c> over ids of agents.</param>
    /// <param name="policy">What is permitted.</param>
    public DataClassificationOptions Allow(string agents, DataAccessPolicy policy)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(agents);
        ArgumentNullException.ThrowIfNull(policy);
        Policies.Add((new Glob(agents), policy));
        return this;
    }

    /// <summary>Says which data tools work with. Of several that fit, the highest class and all categories hold, and the geography of the first that has one.</summary>
    /// <param name="tools">A pattern with <c>*</c> and <c>?</c>.</param>
    /// <param name="facts">What is known of the data.</param>
    public DataClassificationOptions Declare(string tools, DataFacts facts)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(tools);
        ArgumentNullException.ThrowIfNull(facts);
        if (!Enum.IsDefined(facts.Class))
        {
            throw new ArgumentOutOfRangeException(nameof(facts), facts.Class, "There are five classes, from Public to TopSecret.");
        }

        Declared.Add((new Glob(tools), facts));
        return this;
    }

    /// <summary>Leaves tools alone that work with no data, such as a clock.</summary>
    /// <param name="tools">A pattern with <c>*</c> and <c>?</c>.</param>
    public DataClassificationOptions Exclude(string tools)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(tools);
        Exempt.Add(new Glob(tools));
        return this;
    }

    /// <summary>
    /// Says where arguments state facts of the data. Name only paths that the host fills: an argument that a model writes is the word of whoever the model listens to. What is stated for a tool
    /// that is declared can raise its class and add categories, never lower or remove; a class that has no such name counts as the highest.
    /// </summary>
    /// <param name="classPath">The path of the class, such as <c>data.classification</c>; null for none.</param>
    /// <param name="categoriesPath">The path of the categories, a text or a list of texts; null for none.</param>
    /// <param name="geographyPath">The path of the geography; null for none.</param>
    /// <param name="tools">The tools whose arguments state it.</param>
    public DataClassificationOptions ReadFrom(string? classPath, string? categoriesPath = null, string? geographyPath = null, string tools = "*")
    {
        Sources.Add(new DataFactsSource(new FacetSource("*", tools), At(classPath), At(categoriesPath), At(geographyPath)));
        return this;

        FacetSource? At(string? path) => path is null ? null : new FacetSource(path, tools);
    }
}
