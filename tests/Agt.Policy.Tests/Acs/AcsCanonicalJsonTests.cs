using System.Globalization;
using System.Text.Json;
using Agt.Policy.Acs;
using Agt.Values;
using CsCheck;

namespace Agt.Policy.Tests.Acs;

public sealed class AcsCanonicalJsonTests
{
    [Theory]
    [InlineData("1", "1")]
    [InlineData("-0", "0")]
    [InlineData("1.0", "1.0")]
    [InlineData("0.0", "0.0")]
    [InlineData("-0.0", "-0.0")]
    [InlineData("4294967296", "4294967296")]
    [InlineData("9007199254740993", "9007199254740993")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("18446744073709551616", "1.8446744073709552e+19")]
    [InlineData("1e2", "100.0")]
    [InlineData("0.10", "0.1")]
    [InlineData("1e15", "1000000000000000.0")]
    [InlineData("1e16", "1e+16")]
    [InlineData("1.5e16", "1.5e+16")]
    [InlineData("123456789012345680.0", "1.2345678901234568e+17")]
    [InlineData("0.00001", "0.00001")]
    [InlineData("0.000001", "1e-6")]
    [InlineData("1.25e-7", "1.25e-7")]
    [InlineData("-2.5", "-2.5")]
    [InlineData("5e-324", "5e-324")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157e+308")]
    [Requirement("POL-410")]
    [Requirement("POL-X19")]
    public void A_number_keeps_whether_it_is_whole_and_reads_the_same_everywhere(string json, string canonical) =>
        Assert.Equal(canonical, AcsCanonicalJson.ToString(GovernedValue.FromJson(json)));

    [Fact]
    [Requirement("POL-410")]
    public void Members_are_ordered_by_code_point_and_few_characters_are_escaped()
    {
        const string Json = """{"9":1,"10":2,"\uE000":3,"\uD83D\uDE00":4,"":5,"a":"\"\\\u0000\u001f\b\t\n\f\r\u007f\u2028é/<"}""";
        const string Canonical = "{\"\":5,\"10\":2,\"9\":1,\"a\":\"\\\"\\\\\\u0000\\u001f\\b\\t\\n\\f\\r\u007f\u2028é/<\",\"\uE000\":3,\"\U0001F600\":4}";
        Assert.Equal(Canonical, AcsCanonicalJson.ToString(GovernedValue.FromJson(Json)));
    }

    [Fact]
    public void What_has_no_canonical_text_is_refused()
    {
        Assert.Throws<ArgumentException>(() => AcsCanonicalJson.ToString(default));
        Assert.Throws<ArgumentException>(() => AcsCanonicalJson.ToString(GovernedValue.From("\ud800")));
        Assert.Throws<ArgumentException>(() => AcsCanonicalJson.ToString(GovernedValue.FromNumberText("1e999")));
    }

    [Fact]
    [Requirement("POL-410")]
    public void A_double_comes_back_from_its_canonical_text() => Gen.Double.Where(double.IsFinite).Sample(
        real =>
        {
            string text = AcsCanonicalJson.ToString(GovernedValue.From(real));
            return BitConverter.DoubleToInt64Bits(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)) == BitConverter.DoubleToInt64Bits(real)
                && text.AsSpan().IndexOfAny('.', 'e') >= 0
                && JsonDocument.Parse(text).RootElement.GetDouble().Equals(real);
        },
        iter: 20_000);

    /// <summary>The worked example of section 5.9.</summary>
    [Fact]
    [Requirement("POL-410")]
    public async Task The_worked_example_has_its_identity()
    {
        var stub = new AcsStub();
        AcsRuntime runtime = stub.Runtime("""
            agent_control_specification_version: 0.3.1-beta
            policies: { p: { type: test } }
            intervention_points:
              input: { policy_target: $.input, policy: { id: p } }
            """);
        AcsResult result = await runtime.EvaluateAsync(InterventionPoint.Input, AcsCorpus.Value("""{"input":1}"""), AcsMode.Enforce, TestContext.Current.CancellationToken);
        Assert.Equal("sha256:c8acdb1b1eed4eacfde7c1f1130a25c029c96139ced98339b89e68d6e981d4e7", result.InputIdentity);
        Assert.Equal(result.InputIdentity, result.EnforcedIdentity);
        Assert.Equal(CanonicalJson.DigestOf(result.PolicyInput).ToString(), result.JcsIdentity);
    }
}
