using Agt.Compliance.Classification;
using Agt.Compliance.Packs;
using CsCheck;

namespace Agt.Compliance.Tests;

public sealed class ClassificationTests
{
    private static readonly RiskTables Tables = RiskTables.BuiltIn();
    private static readonly RiskClassifier Classifier = new(Tables);

    [Fact]
    [Requirement("CMP-104")]
    public void The_tables_are_data_and_can_be_replaced_by_YAML_or_JSON()
    {
        Assert.Equal((8, 12, 6, 14, 6, 4), (Tables.Unacceptable.Count, Tables.HighRiskDomains.Count, Tables.HighRiskCapabilities.Count, Tables.AnnexI.Count, Tables.Limited.Count, Tables.Exemptions.Count));
        foreach (string own in new[] { "schema: agt-risk-classes/v1\nversion: 2\nhigh_risk_domains: [Space Travel]\n", """{"schema":"agt-risk-classes/v1","version":"2","high_risk_domains":["Space Travel"]}""" })
        {
            RiskTables tables = Tables.With(System.Text.Encoding.UTF8.GetBytes(own), "own");
            Assert.Equal("space_travel", Assert.Single(tables.HighRiskDomains));
            Assert.Equal(Tables.Unacceptable, tables.Unacceptable);
            Assert.Equal(RiskClass.High, new RiskClassifier(tables).Classify(new RiskProfile { Domains = ["space-travel"] }).Class);
        }

        PackException wrong = Assert.Throws<PackException>(() => Tables.With("schema: agt-risk-classes/v1\nversion: 2\nexemption: [a]\n"u8, "own.yaml"));
        Assert.Equal(("own.yaml", 3), (wrong.Problems[0].File, wrong.Problems[0].Line));
        Assert.Contains("Did you mean 'exemptions'?", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [Requirement("CMP-101")]
    [InlineData("Predictive Policing-Individual")]
    [InlineData("predictive_policing_individual")]
    [InlineData(" PREDICTIVE\u00a0policing\u2010individual ")]
    [InlineData("predictive\u200b_policing_individual")]
    public void Names_are_normalised(string name) => Assert.Equal(RiskClass.Unacceptable, Classifier.Classify(new RiskProfile { Domains = [name] }).Class);

    [Fact]
    [Requirement("CMP-102")]
    public void The_cascade_keeps_its_order()
    {
        var everything = new RiskProfile { Domains = ["social_scoring", "employment", "chatbot"], Capabilities = ["candidate_ranking"], IsSafetyComponent = true, Legislation = "toys" };
        Assert.Equal((RiskClass.Unacceptable, "article_5:social_scoring"), Of(everything));
        Assert.Equal((RiskClass.High, "annex_i:toys annex_iii:employment capability:candidate_ranking"), Of(everything with { Domains = ["employment", "chatbot"] }));
        Assert.Equal((RiskClass.High, "capability:candidate_ranking"), Of(new RiskProfile { Capabilities = ["candidate ranking"] }));
        Assert.Equal((RiskClass.Limited, "article_50:chatbot"), Of(new RiskProfile { Domains = ["chatbot"] }));
        Assert.Equal((RiskClass.Limited, "article_50:deepfake"), Of(new RiskProfile { Capabilities = ["deepfake"] }));
        Assert.Equal((RiskClass.Minimal, ""), Of(new RiskProfile { Domains = ["spam_filter"] }));
    }

    [Fact]
    [Requirement("CMP-102", "CMP-103", "CMP-105")]
    public void An_exemption_needs_a_recorded_assessment_and_no_profiling()
    {
        var profile = new RiskProfile { Domains = ["employment"], Exemptions = ["Preparatory Task", "narrow-procedural-task", "because_i_say_so"], Profiling = false, AssessmentReference = "DPO-17", Capabilities = ["candidate_ranking"] };
        RiskClassification exempt = Classifier.Classify(profile);
        Assert.Equal(RiskClass.Minimal, exempt.Class);
        Assert.Equal(["narrow_procedural_task", "preparatory_task"], exempt.Exemptions);
        Assert.Equal(["because_i_say_so"], exempt.Ignored);
        Assert.Equal(RiskClass.Limited, Classifier.Classify(profile with { Capabilities = ["candidate_ranking", "chatbot"] }).Class);
        Assert.Equal((RiskClass.High, "annex_iii:employment profiling_override capability:candidate_ranking"), Of(profile with { Profiling = true }));
        Assert.Equal((RiskClass.High, "annex_iii:employment profiling_unknown capability:candidate_ranking"), Of(profile with { Profiling = null }));
        Assert.Equal((RiskClass.High, "annex_iii:employment unrecorded_assessment capability:candidate_ranking"), Of(profile with { AssessmentReference = " " }));
        Assert.Equal((RiskClass.High, "annex_iii:employment"), Of(profile with { Exemptions = ["because_i_say_so"], Capabilities = [] }));
    }

    [Theory]
    [Requirement("CMP-105")]
    [InlineData("Medical Devices", "annex_i:medical_devices")]
    [InlineData("unheard-of law", "unverified_annex_i")]
    [InlineData("", "unverified_annex_i")]
    [InlineData(null, "unverified_annex_i")]
    public void A_safety_component_is_high_risk_also_where_its_law_is_not_known(string? law, string trigger) =>
        Assert.Equal((RiskClass.High, trigger), Of(new RiskProfile { Domains = ["spam_filter"], IsSafetyComponent = true, Legislation = law }));

    [Theory]
    [Requirement("AUD-X14")]
    [InlineData("emploiment", RiskClass.High)]
    [InlineData("social_scorin", RiskClass.Unacceptable)]
    [InlineData("chatbots", RiskClass.Limited)]
    [InlineData("", RiskClass.High)]
    public void A_typo_or_no_facts_at_all_raise_the_class(string domain, RiskClass expected) => Assert.Equal(expected, Classifier.Classify(new RiskProfile { Domains = [domain] }).Class);

    [Fact]
    [Requirement("AUD-X14")]
    public void Facts_that_are_taken_away_from_an_exemption_never_lower_the_class()
    {
        string[] domains = [.. Tables.Unacceptable, .. Tables.HighRiskDomains, .. Tables.Limited, "spam_filter", "games"];
        string[] capabilities = [.. Tables.HighRiskCapabilities, .. Tables.Limited, "translation"];
        Gen.Select(One(domains).Array[0, 3], One(capabilities).Array[0, 3], One<string>([.. Tables.Exemptions, "none"]).Array[0, 2], Gen.Bool, One<bool?>([true, false, null])).Sample((areas, abilities, exemptions, safety, profiling) =>
        {
            var profile = new RiskProfile { Domains = areas, Capabilities = abilities, Exemptions = exemptions, IsSafetyComponent = safety, Profiling = profiling, AssessmentReference = "ref" };
            RiskClass known = Classifier.Classify(profile).Class;
            Assert.True(Classifier.Classify(profile with { AssessmentReference = null }).Class >= known);
            Assert.True(Classifier.Classify(profile with { Profiling = null }).Class >= known);
            Assert.True(Classifier.Classify(profile with { Profiling = true }).Class >= known);
            Assert.True(Classifier.Classify(profile with { Exemptions = [] }).Class >= known);
            Assert.True(Classifier.Classify(profile with { IsSafetyComponent = true }).Class >= known);
            Assert.True(Classifier.Classify(profile with { Domains = [.. areas, "employment"], Exemptions = [] }).Class >= known);
        });
    }

    private static Gen<T> One<T>(T[] values) => Gen.Int[0, values.Length - 1].Select(at => values[at]);

    private static (RiskClass, string) Of(RiskProfile profile)
    {
        RiskClassification result = Classifier.Classify(profile);
        return (result.Class, string.Join(' ', result.Triggers));
    }
}
