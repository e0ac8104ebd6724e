using System.Globalization;
using System.Text.Json;
using Agt.Values;
using CsCheck;

namespace Agt.Core.Tests.Values;

public sealed class CanonicalJsonTests
{
    // RFC 8785 appendix B: bits of a double and its text.
    [Theory]
    [InlineData("0000000000000000", "0")]
    [InlineData("8000000000000000", "0")]
    [InlineData("0000000000000001", "5e-324")]
    [InlineData("8000000000000001", "-5e-324")]
    [InlineData("7fefffffffffffff", "1.7976931348623157e+308")]
    [InlineData("4340000000000000", "9007199254740992")]
    [InlineData("c340000000000000", "-9007199254740992")]
    [InlineData("4430000000000000", "295147905179352830000")]
    [InlineData("44b52d02c7e14af5", "9.999999999999997e+22")]
    [InlineData("44b52d02c7e14af6", "1e+23")]
    [InlineData("44b52d02c7e14af7", "1.0000000000000001e+23")]
    [InlineData("444b1ae4d6e2ef4e", "999999999999999700000")]
    [InlineData("444b1ae4d6e2ef50", "1e+21")]
    [InlineData("3eb0c6f7a0b5ed8c", "9.999999999999997e-7")]
    [InlineData("3eb0c6f7a0b5ed8d", "0.000001")]
    [InlineData("41b3de4355555553", "333333333.3333332")]
    [InlineData("becbf647612f3696", "-0.0000033333333333333333")]
    public void Doubles_are_written_as_rfc_8785_says(string bits, string text)
    {
        double value = BitConverter.UInt64BitsToDouble(ulong.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture));

        Assert.Equal(text, CanonicalJson.ToString(GovernedValue.From(value)));
    }

    [Fact]
    public void Members_are_sorted_by_utf_16_code_units_and_text_is_escaped_minimally()
    {
        GovernedValue value = GovernedValue.FromJson("""{"\u20ac":"Euro Sign","\r":"CR","\ufb33":"Hebrew","1":"One","\ud83d\ude00":"Smile","\u0080":"Control","\u00f6":"o","a":"\u000f\n\"\\/\u007f"}""");

        Assert.Equal("{\"\\r\":\"CR\",\"1\":\"One\",\"a\":\"\\u000f\\n\\\"\\\\/\u007f\",\"\u0080\":\"Control\",\"ö\":\"o\",\"€\":\"Euro Sign\",\"😀\":\"Smile\",\"\ufb33\":\"Hebrew\"}", CanonicalJson.ToString(value));
    }

    [Fact]
    public void Integers_that_a_double_cannot_hold_never_collide()
    {
        string exact = CanonicalJson.ToString(GovernedValue.FromJson("9007199254740992"));
        string next = CanonicalJson.ToString(GovernedValue.FromJson("9007199254740993"));

        Assert.Equal("9007199254740992", exact);
        Assert.Equal("{\"\\u0000number\":\"9007199254740993\"}", next);
        Assert.NotEqual(CanonicalJson.ToString(GovernedValue.From(long.MaxValue)), CanonicalJson.ToString(GovernedValue.From(long.MaxValue - 1)));
    }

    [Fact]
    public void Whole_numbers_and_equal_doubles_share_one_form() =>
        Gen.Long[-(1L << 53), 1L << 53].Sample(n => CanonicalJson.ToString(GovernedValue.From(n)) == CanonicalJson.ToString(GovernedValue.From((double)n)));

    [Fact]
    public void Every_double_reads_back_as_itself() =>
        Gen.Double.Where(double.IsFinite).Sample(d => double.Parse(CanonicalJson.ToString(GovernedValue.From(d)), CultureInfo.InvariantCulture) == d);

    [Fact]
    public void Any_text_reads_back_as_itself() =>
        Gen.String.Sample(text =>
        {
            string wellFormed = System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
            return JsonSerializer.Deserialize<string>(CanonicalJson.ToString(GovernedValue.From(wellFormed))) == wellFormed;
        });
}
