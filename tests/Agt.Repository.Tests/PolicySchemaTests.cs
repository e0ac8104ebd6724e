using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NJsonSchema;
using YamlDotNet.RepresentationModel;

namespace Agt.Repository.Tests;

/// <summary>The schemas that editors use agree with the loader.</summary>
public sealed class PolicySchemaTests
{
    private const string Minimal = "apiVersion: governance.toolkit/v1\nname: p\n";

    public static TheoryData<string> Pages => [.. Repository.Files("", ".md").Where(page => PolicyExampleTests.Blocks(page).Count > 0)];

    public static TheoryData<string> PolicyFiles => [.. Repository.Files("samples", ".yaml").Where(file => Repository.Read(file).Contains("governance.toolkit/v1", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_policy_on_a_page_fits_the_schema(string page)
    {
        JsonSchema schema = await SchemaAsync();
        Repository.AssertNone(PolicyExampleTests.Blocks(page).SelectMany(block => schema.Validate(ToJson(block).ToJsonString()).Select(error => $"{page}: {error}")));
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(PolicyFiles))]
    public async Task Every_policy_of_a_sample_fits_the_schema(string file) => Assert.Empty((await SchemaAsync()).Validate(ToJson(Repository.Read(file)).ToJsonString()));

    [Theory]
    [InlineData("rulez: []")]
    [InlineData("default_action: maybe")]
    [InlineData("rules:\n  - name: r")]
    [InlineData("rules:\n  - condition: \"true\"")]
    [InlineData("rules:\n  - name: r\n    condition: \"true\"\n    actoin: deny")]
    [InlineData("rules:\n  - name: r\n    condition: \"true\"\n    action: explode")]
    [InlineData("rules:\n  - name: r\n    condition: \"true\"\n    stage: post_hoc")]
    [InlineData("rules:\n  - name: r\n    condition: \"true\"\n    action: rate_limit\n    limit: 5/fortnight")]
    [InlineData("rules:\n  - name: r\n    condition: {field: a, operator: is, value: 1}")]
    [InlineData("rules:\n  - name: r\n    condition: {field: a}")]
    [InlineData("rules:\n  - name: r\n    condition: \"true\"\n    default_level: deny")]
    [InlineData("rules:\n  - name: r\n    condition: \"true\"\n    context_overrides: {production: block}")]
    [InlineData("inherit: sometimes")]
    [InlineData("limits: {max_tokens: 0}")]
    [InlineData("tool_allowlist: []")]
    [InlineData("information_flow: maybe")]
    [InlineData("information_flow: {action: warn}")]
    [InlineData("information_flow: {aprovers: [x]}")]
    [InlineData("information_flow: {tools: {mail: read}}")]
    [InlineData("information_flow: {tools: {mail: {source: x}}}")]
    [InlineData("information_flow: {exempt_egress: [{tool: x}]}")]
    [InlineData("session_attributes: [{name: a}]")]
    [InlineData("session_attributes: [{name: a, ordering: []}]")]
    [InlineData("session_attributes: [{name: 'a b', ordering: [x]}]")]
    public async Task What_the_loader_refuses_the_schema_refuses(string rest)
    {
        Assert.False(Agt.Policy.PolicyLoader.LoadText(Minimal + rest).IsSuccess);
        Assert.NotEmpty((await SchemaAsync()).Validate(ToJson(Minimal + rest).ToJsonString()));
    }

    private static Task<JsonSchema> SchemaAsync() => JsonSchema.FromJsonAsync(Repository.Read("schemas/policy.v1.schema.json"));

    private static JsonNode ToJson(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return ToJson(stream.Documents[0].RootNode)!;
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, ToJson(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(ToJson)]),
        YamlScalarNode { Style: not YamlDotNet.Core.ScalarStyle.Plain } quoted => JsonValue.Create(quoted.Value),
        YamlScalarNode { Value: "" or "null" or "~" } => null,
        YamlScalarNode { Value: "true" or "false" } flag => JsonValue.Create(flag.Value == "true"),
        YamlScalarNode { Value: { } text } when Regex.IsMatch(text, "^-?[0-9]+$") => JsonValue.Create(long.Parse(text, System.Globalization.CultureInfo.InvariantCulture)),
        YamlScalarNode { Value: { } text } when Regex.IsMatch(text, "^-?[0-9]+\\.[0-9]+$") => JsonValue.Create(double.Parse(text, System.Globalization.CultureInfo.InvariantCulture)),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => null,
    };
}
