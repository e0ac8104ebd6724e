using System.Globalization;
using System.Security.Cryptography;
using Agt.Compliance.Packs;
using Agt.Compliance.Reports;

namespace Agt.Compliance.Dossiers;

/// <summary>Makes a dossier from what there is. What cannot be read or believed is a warning, never passed over in silence (spec 09, CMP-202). Thread-safe.</summary>
/// <param name="time">The clock; null for that of the system.</param>
public sealed class DossierBuilder(TimeProvider? time = null)
{
    private const string DataName = "dossiers/annex_iv.yaml";
    private const string ProviderSchema = "agt-dossier/v1";
    private const string AiAct = "eu_ai_act";
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Makes a dossier.</summary>
    /// <param name="inputs">What it is made from.</param>
    /// <exception cref="PackException">The provider's file is malformed: what the provider says is never left out.</exception>
    public AnnexIvDossier Build(DossierInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var work = new Work(inputs);
        (string? system, IReadOnlyDictionary<string, string> texts) = work.Provider();
        work.Policies();
        work.Log();
        work.Reports();
        work.Slo();
        return new AnnexIvDossier { System = system, GeneratedAt = _time.GetUtcNow(), Sections = [.. Sections().Select(section => work.Section(section, texts))], Artefacts = work.Artefacts, Warnings = work.Warnings };
    }

    private static List<Template> Sections()
    {
        var problems = new List<PackProblem>();
        var root = new NodeReader(YamlTree.Read(PackLibrary.Data.Read(DataName), "annex_iv.yaml"), "annex_iv.yaml", problems, "The file");
        var sections = new List<Template>();
        foreach (PackNode node in root.Take("sections")?.Items ?? [])
        {
            NodeReader reader = root.Child(node, "A section");
            PackNode? sources = reader.Take("sources");
            sections.Add(new Template(reader.Required("number"), reader.Required("title"), sources?.Items is { Count: > 0 } ? reader.Texts("sources") : [], reader.Texts("controls"), reader.Texts("asks")));
        }

        return problems.Count == 0 ? sections : throw new PackException(problems);
    }

    private sealed record Template(string Number, string Title, IReadOnlyList<string> Sources, IReadOnlyList<string> Controls, IReadOnlyList<string> Asks);

    /// <summary>One dossier in the making.</summary>
    private sealed class Work(DossierInputs inputs)
    {
        private readonly Dictionary<string, List<string>> _facts = new(StringComparer.Ordinal);
        private string? _providerName;

        internal List<DossierArtefact> Artefacts { get; } = [];

        internal List<string> Warnings { get; } = [];

        internal (string? System, IReadOnlyDictionary<string, string> Texts) Provider()
        {
            var texts = new Dictionary<string, string>(StringComparer.Ordinal);
            if (inputs.Provider is not { } file)
            {
                return (null, texts);
            }

            var problems = new List<PackProblem>();
            var reader = new NodeReader(YamlTree.Read(file.Bytes.Span, file.Name), file.Name, problems, "The file");
            string schema = reader.Required("schema");
            if (schema.Length > 0 && schema != ProviderSchema)
            {
                reader.Report(reader.Take("schema")!, $"The schema is {YamlTree.Quoted(schema)}.", $"This build reads '{ProviderSchema}'.");
            }

            string system = reader.Required("system");
            if (reader.Take("sections") is { } sections)
            {
                NodeReader section = reader.Child(sections, "'sections'");
                for (int number = 1; number <= 9; number++)
                {
                    string name = number.ToString(CultureInfo.InvariantCulture);
                    if (section.Text(name, 100_000) is { } text)
                    {
                        texts[name] = text;
                    }
                }

                section.Finish();
            }

            reader.Finish();
            if (problems.Count > 0)
            {
                throw new PackException(problems);
            }

            _providerName = file.Name;
            Add("provider", file.Name, file.Bytes, texts.Count);
            return (system, texts);
        }

        internal void Policies()
        {
            foreach ((string name, ReadOnlyMemory<byte> bytes) in inputs.Policies)
            {
                if (Read(name, bytes) is { } root)
                {
                    long rules = root.Members?.FirstOrDefault(member => member.Name == "rules").Value?.Items?.Count ?? 0;
                    Add("policy", name, bytes, rules);
                    Say("policies", string.Create(CultureInfo.InvariantCulture, $"Agents are governed by the policy '{name}' with {rules} rules (SHA-256 {Artefacts[^1].Sha256})."));
                }
            }
        }

        internal void Log()
        {
            if (inputs.Log is not { } report)
            {
                return;
            }

            Artefacts.Add(new DossierArtefact("log", report.Checkpoint.Checkpoint.Origin, report.Checkpoint.Checkpoint.Root.ToString(), report.RecordsVerified));
            Say("log", string.Create(CultureInfo.InvariantCulture, $"The log '{report.Checkpoint.Checkpoint.Origin}' records every decision about the system's actions: {report.RecordsVerified} records were verified against its signed checkpoint, {report.RecordsConsidered} of them are of the period."));
            foreach ((string kind, long count) in report.Findings)
            {
                Say("log", string.Create(CultureInfo.InvariantCulture, $"Verification found '{kind}' {count} times."));
            }
        }

        internal void Reports()
        {
            foreach ((string name, ReadOnlyMemory<byte> bytes) in inputs.Reports)
            {
                if (inputs.Trust is not { } trust)
                {
                    Warnings.Add($"The report '{name}' was left out: nobody was named whose reports are believed.");
                    continue;
                }

                ReportVerification verified = ReportVerifier.Verify(bytes, trust);
                if (!verified.IsValid || !verified.IsTrusted || verified.SignedBy is null)
                {
                    Warnings.Add($"The report '{name}' was left out: {(verified.Problems.Count > 0 ? verified.Problems[0] : "it is not signed by who is trusted.")}");
                    continue;
                }

                Add("report", name, bytes, verified.Claims);
                Say("reports", string.Create(CultureInfo.InvariantCulture, $"The signed report '{name}' on {verified.Checkpoint!.Checkpoint.Size} records was checked: {verified.Proofs} proofs hold."));
            }
        }

        internal void Slo()
        {
            foreach ((string name, ReadOnlyMemory<byte> bytes) in inputs.Slo)
            {
                if (Read(name, bytes) is not { } root)
                {
                    continue;
                }

                PackNode? list = root.Items is not null ? root : root.Members?.FirstOrDefault(member => member.Name is "objectives" or "slos").Value;
                if (list?.Items is not { Count: > 0 } items)
                {
                    Warnings.Add($"The file '{name}' was left out: it has no list of objectives.");
                    continue;
                }

                Add("slo", name, bytes, items.Count);
                foreach (PackNode item in items)
                {
                    string objective = Value(item, "name") ?? "unnamed";
                    Say("slo", $"Objective '{objective}': target {Value(item, "target") ?? "not said"}, reached {Value(item, "actual") ?? "not said"}.");
                }
            }
        }

        internal DossierSection Section(Template template, IReadOnlyDictionary<string, string> texts)
        {
            var paragraphs = new List<string>();
            var gaps = new List<string>();
            var artefacts = new List<string>();
            if (texts.TryGetValue(template.Number, out string? said))
            {
                paragraphs.Add(said);
                artefacts.Add(_providerName!);
            }
            else
            {
                gaps.AddRange(template.Asks);
            }

            foreach (string source in template.Sources)
            {
                if (_facts.TryGetValue(source, out List<string>? facts))
                {
                    paragraphs.AddRange(facts);
                    string kind = source switch { "policies" => "policy", "reports" => "report", _ => source };
                    artefacts.AddRange(Artefacts.Where(artefact => artefact.Kind == kind).Select(artefact => artefact.Name));
                }
                else
                {
                    gaps.Add(source switch
                    {
                        "policies" => "No policy files were given.",
                        "log" => "No log was given.",
                        "reports" => "No reports from use were given.",
                        _ => "No measured objectives were given.",
                    });
                }
            }

            foreach (ControlResult control in inputs.Log?.Frameworks.FirstOrDefault(framework => framework.Pack.Framework == AiAct)?.Controls ?? [])
            {
                if (template.Controls.Contains(control.Control.ControlId))
                {
                    paragraphs.Add($"{control.Control.ControlId} {control.Control.Name}: {ReportNames.Shown(control.Status)} by the records of the log. {string.Join(' ', control.Checks.Select(check => $"{check.Check.Text} ({ReportNames.Shown(check.Status)}: {check.Explanation})"))}");
                }
            }

            return new DossierSection(template.Number, template.Title, paragraphs, [.. artefacts.Distinct(StringComparer.Ordinal)], gaps);
        }

        private static string? Value(PackNode item, string name) => item.Members?.FirstOrDefault(member => member.Name == name).Value?.Text;

        private PackNode? Read(string name, ReadOnlyMemory<byte> bytes)
        {
            try
            {
                return YamlTree.Read(bytes.Span, name);
            }
            catch (PackException exception)
            {
                Warnings.Add($"The file '{name}' was left out: {exception.Problems[0].Message}");
                return null;
            }
        }

        private void Add(string kind, string name, ReadOnlyMemory<byte> bytes, long records) => Artefacts.Add(new DossierArtefact(kind, name, Convert.ToHexStringLower(SHA256.HashData(bytes.Span)), records));

        private void Say(string source, string fact)
        {
            if (!_facts.TryGetValue(source, out List<string>? facts))
            {
                _facts.Add(source, facts = []);
            }

            facts.Add(fact);
        }
    }
}
