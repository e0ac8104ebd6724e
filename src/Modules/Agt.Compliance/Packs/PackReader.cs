using System.Security.Cryptography;

namespace Agt.Compliance.Packs;

/// <summary>Reads one pack of controls from a file. What is wrong is collected, so that its author sees all of it at once.</summary>
internal sealed class PackReader
{
    internal const string Schema = "agt-compliance-pack/v1";
    private const int MaxControls = 500;
    private const int MaxChecks = 32;
    private static readonly string[] Severities = ["critical", "high", "medium", "low", "info"];
    private static readonly System.Buffers.SearchValues<char> Permitted = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");
    private readonly List<PackProblem> _problems = [];
    private readonly Dictionary<string, RecordQuery> _queries;
    private readonly string _file;
    private string _framework = string.Empty;

    private PackReader(string file, IReadOnlyDictionary<string, RecordQuery> shared)
    {
        _file = file;
        _queries = new(shared, StringComparer.Ordinal);
    }

    /// <summary>What a file says, and whether it stands for the whole framework or adds to it.</summary>
    internal sealed record Result(CompliancePack Pack, bool Replaces);

    /// <exception cref="PackException">The file is no pack.</exception>
    internal static Result Read(ReadOnlySpan<byte> utf8, string file, IReadOnlyDictionary<string, RecordQuery> shared)
    {
        PackNode root = YamlTree.Read(utf8, file);
        var reader = new PackReader(file, shared);
        Result result = reader.Pack(root, Convert.ToHexStringLower(SHA256.HashData(utf8)));
        return reader._problems.Count == 0 ? result : throw new PackException(reader._problems);
    }

    /// <summary>Reads a file of queries that all packs may name.</summary>
    internal static Dictionary<string, RecordQuery> ReadQueries(ReadOnlySpan<byte> utf8, string file)
    {
        var reader = new PackReader(file, new Dictionary<string, RecordQuery>());
        var root = new NodeReader(YamlTree.Read(utf8, file), file, reader._problems, "The file");
        reader.Queries(root);
        root.Finish();
        return reader._problems.Count == 0 ? reader._queries : throw new PackException(reader._problems);
    }

    private Result Pack(PackNode node, string sha256)
    {
        var root = new NodeReader(node, _file, _problems, "The file");
        string schema = root.Required("schema");
        if (schema.Length > 0 && schema != Schema)
        {
            root.Report(root.Take("schema")!, $"The schema is {YamlTree.Quoted(schema)}.", $"This build reads '{Schema}'.");
        }

        _framework = root.Required("framework", 64);
        if (_framework.Length > 0 && _framework.AsSpan().ContainsAnyExcept(Permitted))
        {
            root.Report(root.Take("framework")!, $"The framework is {YamlTree.Quoted(_framework)}.", "Use lower-case letters, digits and '_'.");
        }

        string mode = root.Text("mode") ?? "extend";
        if (mode is not ("extend" or "replace"))
        {
            root.Report(root.Take("mode")!, $"The mode is {YamlTree.Quoted(mode)}.", "Write 'extend' (a control of the same id takes the place of the old one) or 'replace' (the whole framework).");
        }

        Queries(root);
        DateOnly? reviewed = root.Date("reviewed");
        if (reviewed is null && root.Take("reviewed") is null)
        {
            root.Report(node, "'reviewed' is missing.", "Say when the pack was last gone over: 'reviewed: 2026-11-01'.");
        }

        var pack = new CompliancePack(_framework, root.Required("title"), root.Required("version", 64))
        {
            Source = root.Required("source", 2_000),
            Reviewed = reviewed ?? default,
            Note = root.Text("note"),
            Dates = [.. List(root, "dates", "A date").Select(Date)],
            Controls = Controls(root),
            Actions = [.. List(root, "actions", "An action").Select(Action)],
            Obligations = [.. List(root, "obligations", "An obligation").Select(Obligation)],
            Sources = [new PackSource(_file, sha256)],
        };
        root.Finish();
        return new Result(pack, mode == "replace");
    }

    private static IEnumerable<NodeReader> List(NodeReader parent, string name, string what)
    {
        PackNode? node = parent.Take(name);
        if (node is null)
        {
            yield break;
        }

        if (node.Items is null)
        {
            parent.Report(node, $"'{name}' is not a list.", "Write '- ' entries.");
        }

        foreach (PackNode item in node.Items ?? [])
        {
            yield return parent.Child(item, what);
        }
    }

    private static FrameworkDate Date(NodeReader reader)
    {
        DateOnly? applies = reader.Date("applies");
        if (applies is null && reader.Take("applies") is null)
        {
            reader.Report(reader.Node, "'applies' is missing.", "Add 'applies: 2026-08-02'.");
        }

        var date = new FrameworkDate(reader.Required("name"), applies ?? default, reader.Required("source", 1_000));
        reader.Finish();
        return date;
    }

    private List<ComplianceControl> Controls(NodeReader root)
    {
        var controls = new List<ComplianceControl>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (NodeReader reader in List(root, "controls", "A control"))
        {
            string id = reader.Required("id", 64);
            if (!ids.Add(id))
            {
                reader.Report(reader.Node, $"The control {YamlTree.Quoted(id)} is there twice.", "Give each an id of its own.");
            }

            controls.Add(new ComplianceControl(id, _framework, reader.Required("title"), reader.Required("description", 2_000), reader.Required("category"))
            {
                Subcategory = reader.Text("subcategory"),
                Requirements = reader.Texts("requirements"),
                EvidenceTypes = reader.Texts("evidence_types"),
                Organisation = reader.Text("organisation"),
                Remedy = reader.Text("remedy"),
                Checks = [.. List(reader, "checks", "A check").Select(Check)],
            });
            reader.Finish();
            if (controls[^1].Checks.Count > MaxChecks || controls.Count > MaxControls)
            {
                reader.Report(reader.Node, $"There are more than {MaxControls} controls, or {MaxChecks} checks in one.", "Split the pack.");
                break;
            }
        }

        return controls;
    }

    private ControlCheck Check(NodeReader reader)
    {
        string? fact = reader.Text("log");
        LogFact? known = fact switch { null => null, "verified" => LogFact.Verified, "witnessed" => LogFact.Witnessed, "covers_days" => LogFact.CoversDays, _ => (LogFact)(-1) };
        if (known == (LogFact)(-1))
        {
            reader.Report(reader.Take("log")!, $"The log is asked for {YamlTree.Quoted(fact!)}.", "Write verified, witnessed or covers_days.");
        }

        RecordQuery? among = Query(reader, "among");
        if (among is null && known is null)
        {
            reader.Report(reader.Node, "A check says neither 'among' (which records) nor 'log' (which fact of the log).", "Add one of them.");
        }
        else if (among is not null && known is not null)
        {
            reader.Report(reader.Node, "A check says both 'among' and 'log'.", "Keep one of them.");
        }

        var check = new ControlCheck(reader.Required("text"))
        {
            Fact = known,
            Days = reader.Number("days", 183, 1, 36_500),
            Among = among ?? RecordQuery.Everything,
            Good = Query(reader, "good"),
            Bad = Query(reader, "bad"),
            AtLeast = reader.Number("at_least", 1, 1, 1_000_000_000),
            TolerancePercent = (int)reader.Number("tolerate_percent", 0, 0, 50),
            LatestBy = reader.Text("latest_by"),
            Required = reader.Flag("required", true),
            Critical = reader.Flag("critical", false),
        };
        if (check is { Good: not null, Bad: not null })
        {
            reader.Report(reader.Node, "A check says both 'good' and 'bad'.", "Keep one: what is not good is bad.");
        }

        if (check.LatestBy is { } field && !FieldTest.IsKnown(field))
        {
            Unknown(reader, reader.Take("latest_by")!, field);
        }

        reader.Finish();
        return check;
    }

    private void Queries(NodeReader root)
    {
        if (root.Take("queries") is not { } node)
        {
            return;
        }

        NodeReader reader = root.Child(node, "'queries'");
        foreach ((string name, PackNode key, PackNode value) in reader.Members)
        {
            if (!_queries.TryAdd(name, Query(reader, value, name)))
            {
                reader.Report(key, $"The query {YamlTree.Quoted(name)} is one that all packs share.", "Give yours another name.");
            }
        }
    }

    /// <summary>A query by its name, or written out.</summary>
    private RecordQuery? Query(NodeReader reader, string member)
    {
        if (reader.Take(member) is not { } node)
        {
            return null;
        }

        if (node.Text is not { } name)
        {
            return Query(reader, node, "inline");
        }

        if (_queries.TryGetValue(name, out RecordQuery? query))
        {
            return query;
        }

        string? near = _queries.Keys.FirstOrDefault(known => NodeReader.Distance(known, name) <= 2);
        reader.Report(node, $"There is no query {YamlTree.Quoted(name)}.", near is null ? "Define it under 'queries', or write it out here." : $"Did you mean '{near}'?");
        return RecordQuery.Everything;
    }

    private RecordQuery Query(NodeReader parent, PackNode node, string name)
    {
        NodeReader reader = parent.Child(node, $"The query '{name}'");
        var tests = new List<FieldTest>();
        foreach ((string field, PackNode key, PackNode value) in reader.Members)
        {
            switch (field)
            {
                case "extends":
                    if (value.Text is { } of && _queries.TryGetValue(of, out RecordQuery? query))
                    {
                        tests.AddRange(query.Tests);
                    }
                    else
                    {
                        reader.Report(value, "The query that is extended is not one of those above.", "Name one that is defined before.");
                    }

                    break;
                case "present" or "absent":
                    foreach (string one in reader.Texts(value, field))
                    {
                        Test(reader, value, one, field == "absent", [], tests);
                    }

                    break;
                case "not":
                    foreach ((string one, PackNode oneKey, PackNode values) in reader.Child(value, "'not'").Members)
                    {
                        Test(reader, oneKey, one, true, reader.Texts(values, one), tests);
                    }

                    break;
                default:
                    Test(reader, key, field, false, reader.Texts(value, field), tests);
                    break;
            }
        }

        return new RecordQuery(name, tests);
    }

    private static void Test(NodeReader reader, PackNode at, string field, bool negated, IReadOnlyList<string> values, List<FieldTest> tests)
    {
        if (FieldTest.IsKnown(field))
        {
            tests.Add(new FieldTest(field, negated, values));
        }
        else
        {
            Unknown(reader, at, field);
        }
    }

    private static void Unknown(NodeReader reader, PackNode at, string field)
    {
        string? near = FieldTest.Known.FirstOrDefault(known => NodeReader.Distance(known, field) <= 2);
        reader.Report(at, $"A record has no field {YamlTree.Quoted(field)}.", near is null ? $"Fields are {string.Join(", ", FieldTest.Known)}, attributes.NAME and bom.NAME." : $"Did you mean '{near}'?");
    }

    private static ActionMapping Action(NodeReader reader)
    {
        var mapping = new ActionMapping(reader.Required("action_type", 128), reader.Texts("controls"), reader.Texts("evidence_generated"), reader.Texts("evidence_required"));
        reader.Finish();
        return mapping;
    }

    private static Obligation Obligation(NodeReader reader)
    {
        string severity = reader.Text("severity") ?? "medium";
        if (Array.IndexOf(Severities, severity) < 0)
        {
            reader.Report(reader.Take("severity")!, $"The severity is {YamlTree.Quoted(severity)}.", $"Write one of {string.Join(", ", Severities)}.");
        }

        var obligation = new Obligation(
            reader.Texts("controls"), reader.Required("description", 1_000), severity, reader.Texts("actions"), Context(reader, "when"), Context(reader, "unless"), reader.Texts("evidence"));
        reader.Finish();
        return obligation;
    }

    private static IReadOnlyList<(string Name, IReadOnlyList<string> Values)> Context(NodeReader reader, string name) =>
        reader.Take(name) is not { } node ? [] : [.. reader.Child(node, $"'{name}'").Members.Select(member => (member.Name, reader.Texts(member.Value, member.Name)))];
}
