using Agt.Streaming;
using Agt.Values;
using CsCheck;

namespace Agt.Core.Tests;

public sealed class StreamWindowTests
{
    [Fact]
    [Requirement("ADP-132")]
    public void The_example_of_the_specification()
    {
        var window = new StreamWindow(["DROP TABLE"], minHold: 0, step: 1);

        Assert.True(window.TryAppend("Hello DR", out int first));
        Assert.True(window.TryAppend("OP TAB", out int second));
        Assert.False(window.TryAppend("LE now", out int third));

        Assert.Equal((0, "Hello".Length, 0), (first, second, third));
    }

    [Fact]
    [Requirement("ADP-132", "ADP-138", "ADP-C42")]
    public void No_character_of_a_blocked_text_goes_out_however_the_stream_is_cut_and_everything_else_does()
    {
        Gen<string> pieces = Gen.OneOf(Gen.Const("sec"), Gen.Const("ret"), Gen.Const("SECRET"), Gen.Const("se"), Gen.Const("\U0001F600"), Gen.String[Gen.Char['a', 'e'], 0, 400]);
        Gen.Select(pieces.List[0, 12], Gen.Int[0, 80], Gen.Int[1, 300]).Sample((parts, hold, step) =>
        {
            var window = new StreamWindow(["secret", "ddee"], hold, step);
            string whole = string.Concat(parts);
            int released = 0;
            bool blocked = false;
            foreach (string part in parts)
            {
                blocked = !window.TryAppend(part, out int more);
                released += more;
                if (blocked)
                {
                    break;
                }
            }

            if (!blocked)
            {
                blocked = !window.TryComplete(out int rest);
                released += blocked ? 0 : rest;
            }

            int first = FirstBlocked(whole);
            return blocked == (first >= 0) && (first < 0 ? released == whole.Length : released <= first) && (released == 0 || !char.IsHighSurrogate(whole[released - 1]));
        });
    }

    [Theory]
    [InlineData("""{"a":["x",{"b":"my SECRET"}]}""", true)]
    [InlineData("""{"secret":1}""", true)]
    [InlineData("""{"a":["x",{"b":"sec","c":"ret"}],"d":12}""", false)]
    public void Names_and_texts_in_values_are_searched(string json, bool blocked) =>
        Assert.Equal(blocked, new StreamWindow(["secret"]).IsBlocked(GovernedValue.FromJson(json)));

    private static int FirstBlocked(string whole)
    {
        int[] found = [.. new[] { "secret", "ddee" }.Select(literal => whole.IndexOf(literal, StringComparison.OrdinalIgnoreCase)).Where(at => at >= 0)];
        return found.Length == 0 ? -1 : found.Min();
    }
}
