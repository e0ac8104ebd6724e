using Agt.Policy.Classification;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Policy.Tests.Classification;

/// <summary>Agents work with the data that is for them, and with no other.</summary>
public sealed class DataClassificationTests
{
    private const string AllowAll = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\n";

    [Fact]
    [Requirement("POL-243")]
    public async Task An_agent_without_a_policy_about_data_is_denied()
    {
        await using var desk = new Desk(options => options.Declare("*", new DataFacts(DataClass.Public)).Allow("other-*", new DataAccessPolicy { MaxClass = DataClass.TopSecret }));
        Decision decision = await desk.CallAsync("wiki.read");
        Assert.Equal("policy:classification_denied", decision.Reason.Code);
        Assert.Equal(DenialCategory.ClassificationDenied, decision.Reason.Category);
    }

    [Fact]
    [Requirement("POL-243")]
    public async Task Every_policy_of_the_agent_must_permit()
    {
        static void Both(DataClassificationOptions options) => options
            .Declare("crm.*", new DataFacts(DataClass.Confidential) { Categories = ["customers"] })
            .Allow("agent-*", new DataAccessPolicy { MaxClass = DataClass.Restricted });
        await using (var desk = new Desk(Both))
        {
            Assert.True(await desk.AllowsAsync("crm.list"));
        }

        await using (var desk = new Desk(options =>
        {
            Both(options);
            options.Allow("*-1", new DataAccessPolicy { MaxClass = DataClass.TopSecret, DeniedCategories = ["customers"] });
        }))
        {
            Assert.False(await desk.AllowsAsync("crm.list"));
        }
    }

    [Fact]
    public async Task Data_of_which_nobody_says_anything_is_top_secret_unless_the_host_knows_better()
    {
        await using (var desk = new Desk(options => options.Allow("*", new DataAccessPolicy { MaxClass = DataClass.Restricted })))
        {
            Assert.False(await desk.AllowsAsync("unknown"));
        }

        await using (var desk = new Desk(options =>
        {
            options.UnstatedClass = DataClass.Internal;
            options.Exclude("clock").Allow("*", new DataAccessPolicy());
        }))
        {
            Assert.False(await desk.AllowsAsync("unknown"));
            Assert.True(await desk.AllowsAsync("clock"));
        }
    }

    [Theory]
    [InlineData("""{"data":{"classification":"PUBLIC"}}""", true)]
    [InlineData("""{"data":{"classification":"confidential"}}""", true)]
    [InlineData("""{"data":{"classification":"RESTRICTED"}}""", false)]
    [InlineData("""{"data":{"classification":"SECRETISH"}}""", false)]
    [InlineData("""{"data":{"classification":2}}""", false)]
    [InlineData("""{"data":{}}""", false)]
    [InlineData("""{"data":{"classification":"PUBLIC","categories":["staff"]}}""", false)]
    [InlineData("""{"data":{"classification":"PUBLIC","categories":"Staff"}}""", false)]
    [InlineData("""{"data":{"classification":"PUBLIC","categories":{"a":1}}}""", false)]
    [InlineData("""{"data":{"classification":"PUBLIC","categories":[7]}}""", false)]
    [InlineData("""{"data":{"classification":"PUBLIC","geography":"US"}}""", false)]
    [InlineData("""{"data":{"classification":"PUBLIC","geography":"EU"}}""", true)]
    public async Task Arguments_state_what_the_data_is_where_the_host_says_so(string arguments, bool allowed)
    {
        await using var desk = new Desk(options => options.ReadFrom("data.classification", "data.categories", "data.geography").Allow(
            "*", new DataAccessPolicy { MaxClass = DataClass.Confidential, DeniedCategories = ["staff"], Geography = "EU" }));
        Assert.Equal(allowed, await desk.AllowsAsync("files.read", arguments));
    }

    [Fact]
    public async Task An_argument_can_raise_what_is_declared_and_never_lower_it()
    {
        await using var desk = new Desk(options => options
            .Declare("hr.*", new DataFacts(DataClass.Restricted) { Categories = ["staff"], Geography = "US" })
            .Declare("wiki.*", new DataFacts(DataClass.Public))
            .ReadFrom("class", "categories", "place")
            .Allow("*", new DataAccessPolicy { MaxClass = DataClass.Internal, DeniedCategories = ["staff"], Geography = "EU" }));
        Assert.False(await desk.AllowsAsync("hr.list", """{"class":"PUBLIC","categories":[],"place":"EU"}"""));
        Assert.True(await desk.AllowsAsync("wiki.read", """{"class":"INTERNAL"}"""));
        Assert.False(await desk.AllowsAsync("wiki.read", """{"class":"RESTRICTED"}"""));
    }

    [Fact]
    public async Task Of_several_declarations_the_strictest_holds()
    {
        await using var desk = new Desk(options => options
            .Declare("crm.*", new DataFacts(DataClass.Public)).Declare("*.export", new DataFacts(DataClass.Restricted))
            .Allow("*", new DataAccessPolicy { MaxClass = DataClass.Confidential }));
        Assert.True(await desk.AllowsAsync("crm.list"));
        Assert.False(await desk.AllowsAsync("crm.export"));
    }

    [Fact]
    [Requirement("POL-244")]
    public async Task What_is_found_in_arguments_raises_the_class()
    {
        await using var desk = new Desk(options => options.Declare("*", new DataFacts(DataClass.Public)).Allow("*", new DataAccessPolicy { MaxClass = DataClass.Internal }));
        Assert.True(await desk.AllowsAsync("note", """{"text":"hello"}"""));
        Assert.False(await desk.AllowsAsync("note", """{"text":"4111 1111 1111 1111"}"""));
        await using var blind = new Desk(options =>
        {
            options.Detect = false;
            options.Declare("*", new DataFacts(DataClass.Public)).Allow("*", new DataAccessPolicy());
        });
        Assert.True(await blind.AllowsAsync("note", """{"text":"4111 1111 1111 1111"}"""));
    }

    [Fact]
    [Requirement("POL-244")]
    public async Task What_is_found_in_a_result_labels_the_session_and_may_withhold_it()
    {
        await using var desk = new Desk(options => options.Declare("*", new DataFacts(DataClass.Public)).Allow("*", new DataAccessPolicy { MaxClass = DataClass.Confidential }));
        Assert.Equal("write to ann@corp.example", await desk.GetAsync("page", "write to ann@corp.example"));
        Assert.Equal(["pii"], desk.Session.Labels);
        Assert.Null(await desk.GetAsync("page", "MRN: 00712"));
        Assert.Equal(["phi", "pii"], desk.Session.Labels.Order(StringComparer.Ordinal));
        await Assert.ThrowsAsync<InvalidOperationException>(() => desk.GetAsync("page", null, new InvalidOperationException("no such card: 4111111111111111")));
        Assert.Contains("pci", desk.Session.Labels);
    }

    [Fact]
    public async Task Rules_read_the_facts_and_no_argument_passes_for_them()
    {
        const string Rules = AllowAll + "rules:\n  - {name: cards, condition: \"'PCI' in data_facts.labels\", action: deny}\n  - {name: held, condition: \"data_facts.class == 'RESTRICTED' and 'staff' in data_facts.categories\", action: deny}\n";
        await using var desk = new Desk(
            options => options.Declare("hr.*", new DataFacts(DataClass.Restricted) { Categories = ["staff"] }).Declare("*", new DataFacts(DataClass.Public)).Allow("*", new DataAccessPolicy { MaxClass = DataClass.TopSecret }),
            Rules);
        Assert.Equal("cards", (await desk.CallAsync("note", """{"text":"4111111111111111","data_facts":{"labels":[]}}""")).Detail.Rule);
        Assert.Equal("held", (await desk.CallAsync("hr.list", """{"data_facts":{"class":"PUBLIC"}}""")).Detail.Rule);
        Assert.True(await desk.AllowsAsync("note", """{"text":"hello","data_facts":{"class":"RESTRICTED","categories":["staff"]}}"""));
    }

    [Fact]
    public void A_class_that_does_not_exist_is_refused_at_the_start()
    {
        IGovernanceBuilder builder = new ServiceCollection().AddGovernance();
        Assert.Throws<ArgumentException>(() => builder.AddDataClassification(options => options.UnstatedClass = (DataClass)9));
        Assert.Throws<ArgumentException>(() => builder.AddDataClassification(options => options.Allow("*", new DataAccessPolicy { MaxClass = (DataClass)9 })));
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.AddDataClassification(options => options.Declare("*", new DataFacts((DataClass)9))));
    }

    private sealed class Desk : IAsyncDisposable
    {
        private readonly ServiceProvider _services;
        private readonly Principal _principal = new(AgentId.Parse("agent-1"));

        internal Desk(Action<DataClassificationOptions> configure, string policy = AllowAll)
        {
            var services = new ServiceCollection();
            services.AddLogging();
            services.AddGovernance().AddPolicyText(policy).AddDataClassification(configure);
            _services = services.BuildServiceProvider();
            Governance = _services.GetRequiredService<IGovernance>();
            Session = Governance.OpenSessionAsync(_principal, new SessionOptions()).AsTask().GetAwaiter().GetResult();
        }

        internal GovernanceSession Session { get; }

        private IGovernance Governance { get; }

        internal async Task<bool> AllowsAsync(string tool, string arguments = "{}") => (await CallAsync(tool, arguments)).Outcome == VerdictOutcome.Allow;

        internal async Task<Decision> CallAsync(string tool, string arguments = "{}") => (await RunAsync(tool, arguments, "done", null)).Decision;

        internal async Task<string?> GetAsync(string tool, string? result, Exception? failure = null) => (await RunAsync(tool, "{}", result, failure)).Value;

        private async Task<GovernedResult<string>> RunAsync(string tool, string arguments, string? result, Exception? failure) => await Governance.InvokeAsync(
            new GovernedAction(new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", _principal, new ToolIdentity(tool), "tests"), Session, GovernedValue.FromJson(arguments)),
            (result, failure),
            static (state, _, _) => state.failure is null ? ValueTask.FromResult(state.result!) : throw state.failure,
            TextCodec.Instance);

        public ValueTask DisposeAsync() => _services.DisposeAsync();
    }
}
