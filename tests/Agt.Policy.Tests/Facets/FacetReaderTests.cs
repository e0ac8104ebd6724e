using Agt.Policy.Facets;
using Agt.Policy.Tests.Evaluation;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Policy.Tests.Facets;

/// <summary>Facts in the real chain.</summary>
public class FacetReaderTests
{
    private const string OnlySelect = "apiVersion: governance.toolkit/v1\nname: p\ndefault_action: deny\nrules:\n  - name: read\n    condition: \"sql.verb == 'SELECT' and not (sql.tables contains 'secret')\"\n    action: allow\n";
    private const string NoRemove = "apiVersion: governance.toolkit/v1\nname: p\ndefault_action: allow\nrules:\n  - name: rm\n    condition: \"shell.programs contains 'rm' or shell.program == 'UNKNOWN'\"\n    action: deny\n";

    [Theory]
    [Requirement("POL-249", "POL-251")]
    [InlineData("""{"sql":{"query":"SELECT 1"}}""", true)]
    [InlineData("""{"sql":{"query":"SELECT * FROM secret"}}""", false)]
    [InlineData("""{"sql":{"query":"DROP TABLE t"}}""", false)]
    [InlineData("""{"sql":{"query":"DROP TABLE t","verb":"SELECT"}}""", false)]
    [InlineData("""{"sql":{"verb":"SELECT"}}""", false)]
    [InlineData("""{"sql.verb":"SELECT"}""", false)]
    [InlineData("""{"sql":{"query":["SELECT 1"]}}""", false)]
    [InlineData("{}", false)]
    public async Task A_statement_is_judged_by_what_it_does_and_not_by_what_the_caller_says(string arguments, bool allowed)
    {
        await using var host = new PolicyHost(OnlySelect);
        Assert.Equal(allowed, (await host.DecideAsync("db", arguments)).IsAllowed);
    }

    [Fact]
    [Requirement("POL-251")]
    public async Task Facts_come_from_the_arguments_of_the_tools_that_the_host_names()
    {
        await using var host = new PolicyHost(NoRemove, builder => builder.AddFacets(facets => facets.AddShell("cmd", tools: "run_*").AddShell("script", tools: "sh")));
        Assert.False((await host.DecideAsync("run_it", """{"cmd":"cd /; rm -rf x"}""")).IsAllowed);
        Assert.False((await host.DecideAsync("sh", """{"script":"$X"}""")).IsAllowed);
        Assert.False((await host.DecideAsync("sh", """{"script":["rm","x"]}""")).IsAllowed);
        Assert.True((await host.DecideAsync("sh", """{"script":"ls","cmd":"rm"}""")).IsAllowed);
        Assert.True((await host.DecideAsync("other", """{"cmd":"rm"}""")).IsAllowed);
    }

    [Fact]
    [Requirement("POL-251")]
    public async Task An_extractor_that_throws_denies_and_one_that_no_rule_asks_for_is_not_asked()
    {
        var broken = new BrokenExtractor();
        await using var asked = new PolicyHost(NoRemove.Replace("shell.program == 'UNKNOWN'", "odd.x == 1", StringComparison.Ordinal), builder => builder.AddFacets(facets => facets.Add(broken)));
        Decision decision = await asked.DecideAsync("t");
        Assert.Equal(ReasonCodes.PolicyEvaluationError, decision.Reason);
        await using var other = new PolicyHost(NoRemove, builder => builder.AddFacets(facets => facets.Add(broken)));
        Assert.True((await other.DecideAsync("t")).IsAllowed);
        Assert.Equal(1, broken.Calls);
    }

    [Fact]
    [Requirement("POL-251")]
    public void Facts_that_are_known_already_stay_and_the_arguments_are_not_changed()
    {
        GovernedValue payload = GovernedValue.FromJson("""{"sql":{"query":"SELECT 1","verb":"DROP"}}""");
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", new Principal(AgentId.Anonymous), new ToolIdentity("db"), "tests");
        GovernedValue facts = new FacetReader(new FacetOptions()).Read(template, payload, GovernedValue.FromJson("""{"geo":{"country":"SE"},"sql":{"verb":"OLD"}}"""));
        Assert.Equal("SE", Member(Member(facts, "geo"), "country").AsString());
        Assert.Equal("SELECT", Member(Member(facts, "sql"), "verb").AsString());
        Assert.Equal("DROP", Member(Member(payload, "sql"), "verb").AsString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("tool_name")]
    [InlineData("Session")]
    public void An_extractor_cannot_take_the_name_of_a_fact_of_the_host(string root) =>
        Assert.Throws<ArgumentException>(() => new FacetReader(new FacetOptions().Add(new BrokenExtractor { Root = root })));

    private static GovernedValue Member(GovernedValue map, string name) => map.TryGetMember(name, out GovernedValue value) ? value : default;

    private sealed class BrokenExtractor : IFacetExtractor
    {
        public string Root { get; init; } = "odd";

        internal int Calls { get; private set; }

        public bool Applies(ActionTemplate about, GovernedValue payload) => true;

        public void Extract(ActionTemplate about, GovernedValue payload, ValueArena facts)
        {
            Calls++;
            throw new InvalidOperationException();
        }
    }
}
