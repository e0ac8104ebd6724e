namespace Agt.Policy.Tests.Evaluation;

/// <summary>Policies that a host replaces and removes by name while it runs.</summary>
public sealed class PolicyCatalogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("agt-collection").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [Requirement("POL-015")]
    public void A_document_takes_the_place_of_the_one_of_its_name_and_removing_says_whether_there_was_one()
    {
        var policies = new PolicyCatalog([Document("a", "allow"), Document("b", "allow")]);
        Assert.True(policies.AddOrReplace(Document("a", "deny")));
        Assert.False(policies.AddOrReplace(Document("c", "allow")));
        Assert.Equal([("a", false), ("b", true), ("c", true)], policies.Documents.Select(document => (document.Name, document.DefaultAllows)));
        Assert.False(policies.Remove("A"));
        Assert.True(policies.Remove("a"));
        Assert.False(policies.Remove("a"));
        Assert.Equal(["b", "c"], policies.Documents.Select(document => document.Name));
        Assert.Equal(2, PolicySet.Compile(policies.Documents).Policies.Count);
    }

    [Fact]
    [Requirement("POL-015")]
    public void The_later_of_two_documents_of_one_name_holds() =>
        Assert.False(Assert.Single(new PolicyCatalog([Document("a", "allow"), Document("a", "deny")]).Documents).DefaultAllows);

    [Fact]
    [Requirement("POL-015", "POL-310")]
    public void What_a_host_changes_is_in_force_as_a_whole_and_survives_a_reload()
    {
        Write("a", "allow");
        Write("b", "allow");
        using var engine = new PolicyEngine(new PolicyOptions { Paths = { _folder } });
        CompiledPolicySet before = engine.Current;
        var generations = new List<long>();
        engine.Reloaded += (_, reload) => generations.Add(reload.Generation);

        bool replaced = false;
        bool removed = false;
        CompiledPolicySet after = engine.Update(policies =>
        {
            replaced = policies.AddOrReplace(Document("a", "deny"));
            removed = policies.Remove("b");
            policies.AddOrReplace(Document("c", "allow"));
        });
        Assert.True(replaced && removed);
        Assert.Same(after, engine.Current);
        Assert.Equal((2, VerdictOutcome.Allow), (before.Policies.Count, Decide(before)));
        Assert.Equal(["a", "c"], after.Policies.Select(policy => policy.Name));
        Assert.Equal(VerdictOutcome.Deny, Decide(after));

        Write("a", "allow");
        engine.Reload();
        Assert.Equal(["a", "c"], engine.Current.Policies.Select(policy => policy.Name));
        Assert.Equal(VerdictOutcome.Deny, Decide(engine.Current));
        Assert.Equal([2L, 3L], generations);
        Assert.Equal((3L, 2L), (engine.Statistics.Generation, engine.Statistics.Reloads));
    }

    [Fact]
    [Requirement("POL-015", "POL-311")]
    public void A_change_that_is_refused_changes_nothing()
    {
        Write("a", "deny");
        using var engine = new PolicyEngine(new PolicyOptions { Paths = { _folder } });
        CompiledPolicySet before = engine.Current;
        Assert.Throws<PolicyLoadException>(() => engine.Update(policies => policies.Remove("a")));
        Assert.Throws<PolicyLoadException>(() => engine.Update(policies =>
        {
            policies.AddOrReplace(Document("x", "deny", "session_attributes: [{name: level, ordering: [a, b]}]\n"));
            policies.AddOrReplace(Document("y", "deny", "session_attributes: [{name: level, ordering: [b, a]}]\n"));
        }));
        Assert.Throws<InvalidOperationException>(() => engine.Update(policies =>
        {
            policies.Remove("a");
            throw new InvalidOperationException();
        }));
        Assert.Same(before, engine.Current);
        engine.Reload();
        Assert.Equal("a", Assert.Single(engine.Current.Policies).Name);
    }

    private static PolicyDocument Document(string name, string action, string more = "") => Assert.Single(PolicyLoader.LoadText(Text(name, action) + more).GetDocuments());

    private static string Text(string name, string action) => $"apiVersion: governance.toolkit/v1\nname: {name}\nagents: ['*']\ndefault_action: {action}\n";

    private static VerdictOutcome Decide(CompiledPolicySet set)
    {
        var input = new PolicyInput(new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity("t"), "tests"), default);
        return set.Evaluate(in input).Outcome;
    }

    private void Write(string name, string action) => File.WriteAllText(Path.Combine(_folder, name + ".yaml"), Text(name, action));
}
