namespace Agt.Repository.Tests;

public sealed class TextRuleTests
{
    [Fact]
    public void Every_file_follows_the_text_rules() =>
        Repository.AssertNone(Repository.Files().SelectMany(path => TextRules.Findings(path, Repository.Read(path))));

    [Theory]
    [InlineData("docs/a.md", "see /{0}/project\n", "work")]
    [InlineData("tests/A.cs", "\"/{0}/.nuget\"\n", "root")]
    [InlineData("eng/a.sh", "cd /{0}/build\n", "tmp")]
    [InlineData("eng/a.sh", "cd /{0}/somebody\n", "home")]
    [InlineData("src/A.cs", "// {0}: later\n", "TODO")]
    [InlineData("src/A.cs", "throw new {0}();\n", "NotImplementedException")]
    [InlineData("src/A.cs", "{0}int x;\n", "\t")]
    [InlineData("src/A.cs", "int x;{0}\n", "\r")]
    [InlineData("src/A.cs", "int x;{0}", "")]
    public void What_is_not_allowed_is_found(string path, string format, string part) =>
        Assert.Single(TextRules.Findings(path, string.Format(System.Globalization.CultureInfo.InvariantCulture, format, part)));

    [Theory]
    [InlineData("docs/a.md", "../work/x, https://example.com/work/1, net/root/x, /tmp/ and a\ttab\n")]
    [InlineData("tests/A.cs", "// a test may say TODO\n")]
    [InlineData("docs/picture.png", "\0\r/home/x")]
    public void What_is_allowed_is_not_found(string path, string text) => Assert.Empty(TextRules.Findings(path, text));
}
