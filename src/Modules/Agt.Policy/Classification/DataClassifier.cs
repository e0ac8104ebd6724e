using Agt.Policy.Compilation;
using Agt.Values;

namespace Agt.Policy.Classification;

/// <summary>Works out what is known of the data of an action. Immutable and thread-safe.</summary>
internal sealed class DataClassifier
{
    private static readonly Func<DataClassifier, ActionTemplate, object> MakeKnown = static (self, template) => self.Make(template);

    private readonly DataClassificationOptions _options;

    internal DataClassifier(DataClassificationOptions options) => _options = options;

    /// <summary>What a kind of action comes to, worked out once for each.</summary>
    internal sealed record Known(bool IsGoverned, DataFacts? Declared, DataAccessPolicy[] Policies);

    internal bool Detects => _options.Detect;

    internal Known Of(ActionTemplate template) => (Known)template.GetOrAddPlan(this, MakeKnown);

    /// <summary>The facts: what is declared, what the arguments state, what is found in a value.</summary>
    /// <exception cref="FormatException">An argument that should state categories or a geography is no text.</exception>
    internal DataFacts FactsOf(ActionTemplate template, GovernedValue payload, SensitiveLabels found)
    {
        DataFacts? facts = Of(template).Declared;
        bool hasClass = facts is not null;
        foreach (DataFactsSource source in _options.Sources)
        {
            if (!source.Applies(template))
            {
                continue;
            }

            DataClass? stated = ClassAt(source, payload);
            hasClass |= stated is not null;
            var here = new DataFacts(stated ?? DataClass.Public) { Categories = CategoriesAt(source, payload), Geography = source.Geography?.ReadText(payload) };
            facts = facts?.With(here) ?? here;
        }

        DataClass least = SensitiveData.ClassOf(found);
        least = hasClass || least > _options.UnstatedClass ? least : _options.UnstatedClass;
        return facts is null ? new DataFacts(least) : least > facts.Class ? facts with { Class = least } : facts;
    }

    private static DataClass? ClassAt(DataFactsSource source, GovernedValue payload)
    {
        if (source.Class is not { } path || path.Read(payload) is var value && value.IsAbsentOrNull)
        {
            return null;
        }

        // What is no class is the highest.
        _ = DataClasses.TryParse(value.AsString(), out DataClass stated);
        return stated;
    }

    private static string[] CategoriesAt(DataFactsSource source, GovernedValue payload)
    {
        if (source.Categories is not { } path || path.Read(payload) is var value && value.IsAbsentOrNull)
        {
            return [];
        }

        if (value.AsString() is { } one)
        {
            return [one];
        }

        if (value.Kind != ValueKind.List)
        {
            throw new FormatException("The categories of the data are neither text nor a list.");
        }

        var categories = new string[value.Count];
        for (int i = 0; i < categories.Length; i++)
        {
            categories[i] = value[i].AsString() ?? throw new FormatException("A category of the data is no text.");
        }

        return categories;
    }

    private Known Make(ActionTemplate template)
    {
        string tool = template.Tool?.Name ?? string.Empty;
        bool governed = template.Point == InterventionPoint.PreToolCall && !_options.Exempt.Exists(tools => tools.IsMatch(tool));
        DataFacts? declared = null;
        foreach ((Glob tools, DataFacts facts) in _options.Declared)
        {
            if (tools.IsMatch(tool))
            {
                declared = declared is null ? facts : declared.With(facts);
            }
        }

        string agent = template.Principal.Agent.Value;
        return new Known(governed, declared, [.. _options.Policies.Where(pair => pair.Agents.IsMatch(agent)).Select(pair => pair.Policy)]);
    }
}
