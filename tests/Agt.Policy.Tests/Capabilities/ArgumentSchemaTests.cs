using Agt.Policy.Capabilities;
using Agt.Policy.Schemas;
using Agt.Values;

namespace Agt.Policy.Tests.Capabilities;

public sealed class ArgumentSchemaTests
{
    private static readonly AgentId Agent = AgentId.Parse("agent-1");

    [Theory]
    [Requirement("POL-197")]
    [InlineData("""{"type":"integer"}""", "1.0", "1.5")]
    [InlineData("""{"type":"integer"}""", "12345678901234567890123", "0.12345678901234567890123")]
    [InlineData("""{"type":"integer"}""", "1200.0e-2", "1234.0e-2")]
    [InlineData("""{"type":"integer"}""", "0.000e-30", "0.12345678901234567890e3")]
    [InlineData("""{"type":["string","null"]}""", "null", "true")]
    [InlineData("""{"enum":[1,"a",[2]]}""", "[2.0]", "2")]
    [InlineData("""{"const":{"a":1}}""", """{"a":1.0}""", """{"a":1,"b":2}""")]
    [InlineData("""{"minimum":1,"maximum":100}""", "100", "100.00000000000000000001")]
    [InlineData("""{"exclusiveMinimum":0,"exclusiveMaximum":1}""", "0.5", "1")]
    [InlineData("""{"minLength":2,"maxLength":2}""", "\"\ud83d\ude00x\"", "\"\ud83d\ude00\"")]
    [InlineData("""{"pattern":"^[a-z]+$"}""", "\"abc\"", "\"abC\"")]
    [InlineData("""{"items":{"type":"string"},"minItems":1,"maxItems":2}""", "[\"a\"]", "[\"a\",1]")]
    [InlineData("""{"minItems":1}""", "[1]", "[]")]
    [InlineData("""{"properties":{"a":{"type":"number"}},"additionalProperties":false}""", """{"a":1}""", """{"a":1,"b":1}""")]
    [InlineData("""{"required":["a"],"maxProperties":1}""", """{"a":null}""", """{"b":1}""")]
    [InlineData("""{"allOf":[{"minimum":1},{"maximum":2}]}""", "2", "3")]
    [InlineData("""{"anyOf":[{"const":1},{"const":2}]}""", "2", "3")]
    [InlineData("""{"oneOf":[{"minimum":1},{"minimum":5}]}""", "2", "6")]
    [InlineData("""{"not":{"const":"x"}}""", "\"y\"", "\"x\"")]
    [InlineData("""{"properties":{"a":{"properties":{"b":false}}}}""", """{"a":{"c":1}}""", """{"a":{"b":1}}""")]
    public void Values_are_compared_with_the_schema(string schema, string holds, string fails)
    {
        var parsed = ArgumentSchema.Parse(schema);
        Assert.True(parsed.IsValid(GovernedValue.FromJson(holds)));
        Assert.False(parsed.IsValid(GovernedValue.FromJson(fails)));
    }

    [Theory]
    [Requirement("POL-197")]
    [InlineData("""{"properties":{"a":{"$ref":"#/x"}}}""", "/properties/a/$ref")]
    [InlineData("""{"patternProperties":{}}""", "/patternProperties")]
    [InlineData("""{"minimun":1}""", "/minimun")]
    [InlineData("""{"type":"int"}""", "/type")]
    [InlineData("""{"pattern":"(a)\\1"}""", "/pattern")]
    [InlineData("""{"maxLength":-1}""", "/maxLength")]
    [InlineData("""{"anyOf":[]}""", "/anyOf")]
    [InlineData("""{"properties":[]}""", "/properties")]
    [InlineData("[]", "The schema")]
    [InlineData("{\"type\":\"string\",\"type\":\"null\"}", "JSON")]
    public void What_is_not_understood_is_refused_with_its_place(string schema, string place) =>
        Assert.Contains(place, Assert.Throws<FormatException>(() => ArgumentSchema.Parse(schema)).Message, StringComparison.Ordinal);

    [Fact]
    [Requirement("POL-197")]
    public void A_grant_holds_for_arguments_that_are_there_and_as_its_schema_wants_them()
    {
        var registry = new CapabilityRegistry();
        registry.Grant(Grant("pay:invoice", """{"properties":{"amount":{"maximum":100},"note":true}}"""));
        Assert.True(Check(registry, """{"amount":100}"""));
        Assert.False(Check(registry, """{"amount":101}"""));
        Assert.False(Check(registry, """{"note":"x"}"""));
        Assert.False(registry.Check(Agent, "pay:invoice").IsGranted);

        registry.Deny(Grant("pay:invoice", """{"properties":{"currency":{"const":"XXX"}}}"""));
        Assert.True(Check(registry, """{"amount":1,"currency":"EUR"}"""));
        Assert.False(Check(registry, """{"amount":1,"currency":"XXX"}"""));
        Assert.False(Check(registry, """{"amount":1}"""));
    }

    [Fact]
    [Requirement("POL-197")]
    public void A_comparison_without_end_grants_nothing_and_forbids()
    {
        string many = "[" + string.Join(',', Enumerable.Range(0, 500)) + "]";
        string schema = """{"properties":{"list":{"items":{"not":{"enum":""" + many + "}}}}}";
        string arguments = """{"list":[""" + string.Join(',', Enumerable.Repeat("-1", 2_000)) + "]}";
        var grants = new CapabilityRegistry();
        grants.Grant(Grant("pay:invoice", schema));
        Assert.False(Check(grants, arguments));
        Assert.True(Check(grants, """{"list":[-1]}"""));

        var denials = new CapabilityRegistry();
        denials.Grant(Grant("pay:invoice", "true"));
        denials.Deny(Grant("pay:invoice", schema));
        Assert.False(Check(denials, arguments));
    }

    private static bool Check(CapabilityRegistry registry, string arguments) => registry.Check(Agent, "pay:invoice", null, GovernedValue.FromJson(arguments)).IsGranted;

    private static CapabilityGrant Grant(string capability, string schema) =>
        new() { Capability = Capability.Parse(capability), Grantee = Agent, Grantor = "alice", Arguments = ArgumentSchema.Parse(schema) };
}
