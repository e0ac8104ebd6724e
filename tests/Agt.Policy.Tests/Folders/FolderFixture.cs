using Agt.Policy.Folders;
using Agt.Values;

namespace Agt.Policy.Tests.Folders;

/// <summary>A folder tree with policies, and what is decided about paths in it.</summary>
internal sealed class FolderFixture : IDisposable
{
    private readonly string _base = ExtendsRealPath(Directory.CreateTempSubdirectory("agt-folders").FullName);

    internal FolderFixture() => Root = Directory.CreateDirectory(Path.Combine(_base, "repo")).FullName;

    internal string Root { get; }

    /// <summary>A folder beside the root.</summary>
    internal string Outside => Directory.CreateDirectory(Path.Combine(_base, "outside")).FullName;

    public void Dispose() => Directory.Delete(_base, recursive: true);

    /// <summary>Writes a file below the root.</summary>
    internal void Write(string path, string text)
    {
        string full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    /// <summary>Writes <c>governance.yaml</c> of a folder, as a document of Agent OS.</summary>
    internal void Policy(string folder, string action, string rules = "", string head = "") =>
        Write(Path.Combine(folder, "governance.yaml"), $"name: p\n{head}defaults: {{action: {action}}}\nrules:{(rules.Length == 0 ? " []\n" : "\n" + rules)}");

    internal static string Rule(string name, string action, string condition = "true", string more = "") => $"  - {{name: {name}, condition: \"{condition}\", action: {action}{more}}}\n";

    internal PolicyOptions Options(PolicyProfile profile = PolicyProfile.Strict, ConflictStrategy? strategy = null, string? host = null)
    {
        var options = new PolicyOptions { RootDirectory = Root, Loading = new PolicyLoadOptions { Profile = profile }, Strategy = strategy };
        if (host is not null)
        {
            options.Texts.Add(host);
        }

        return options;
    }

    internal CompiledPolicySet Load(PolicyProfile profile = PolicyProfile.Strict, ConflictStrategy? strategy = null, string? host = null)
    {
        using var engine = new PolicyEngine(Options(profile, strategy, host));
        return engine.Current;
    }

    /// <summary>The set with a file system that is counted or made up.</summary>
    internal CompiledPolicySet Load(IFileFacts facts, PathRules? rules = null)
    {
        var loader = new PolicySetLoader(Options(), facts, rules);
        return loader.Compile(loader.Load(new Dictionary<string, PolicyDocument?>()), 1, out _);
    }

    internal static Verdict Decide(CompiledPolicySet set, string? path, string tool = "t") => DecideJson(set, path is null ? "{}" : "{\"path\":" + System.Text.Json.JsonSerializer.Serialize(path) + "}", tool);

    internal static Verdict DecideJson(CompiledPolicySet set, string arguments, string tool = "t")
    {
        var input = new PolicyInput(Tool(tool), GovernedValue.FromJson(arguments));
        return set.Evaluate(in input);
    }

    internal static ActionTemplate Tool(string tool) => new(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity(tool), "tests");

    private static string ExtendsRealPath(string path) => Agt.Policy.Loading.ExtendsResolver.RealPath(path);
}
