namespace Agt.Core.Tests;

public sealed class ToolAliasTests
{
    [Theory]
    [InlineData("bash", "shell_execute")]
    [InlineData("TERMINAL", "shell_execute")]
    [InlineData("Shell_Execute", "shell_execute")]
    [InlineData("duckduckgo_search", "web_search")]
    [InlineData("load_file", "file_read")]
    [InlineData("create_file", "file_write")]
    [InlineData("eval_code", "code_execute")]
    [InlineData("db_query", "database_query")]
    [InlineData("curl", "http_request")]
    [InlineData("My.Tool", "my.tool")]
    [InlineData("bash2", "bash2")]
    [Requirement("ADP-026")]
    public void Names_are_those_of_the_specification_whatever_their_case(string name, string canonical) => Assert.Equal(canonical, ToolAliases.Default.Canonicalize(name));

    [Fact]
    [Requirement("ADP-025")]
    public void An_exact_alias_comes_before_patterns_which_fit_the_whole_name_or_not_at_all()
    {
        ToolAliases aliases = ToolAliases.None.With("mail", "send_mail").WithPattern("pager", "send_.*").WithPattern("other", "s.*|never");

        Assert.Equal("mail", aliases.Canonicalize("SEND_MAIL"));
        Assert.Equal("pager", aliases.Canonicalize("Send_Page"));
        Assert.Equal("other", aliases.Canonicalize("say"));
        Assert.Equal("unsend_page", aliases.Canonicalize("unsend_page"));
        Assert.Equal("mynever", aliases.Canonicalize("mynever"));
    }

    [Fact]
    [Requirement("ADP-025", "ADP-026")]
    public void An_alias_that_would_mean_two_tools_is_refused()
    {
        Assert.Contains("stands for 'shell_execute' already", Assert.Throws<ArgumentException>(() => ToolAliases.Default.With("run_python", "BASH")).Message + Assert.Throws<ArgumentException>(() => ToolAliases.Default.With("mine", "BASH")).Message, StringComparison.Ordinal);
        Assert.Contains("is what a tool is called in lists", Assert.Throws<ArgumentException>(() => ToolAliases.Default.With("mine", "file_read")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ToolAliases.Default.With("bash", "mine"));
        Assert.Throws<ArgumentException>(() => ToolAliases.None.With("b\u0430sh"));
        Assert.Throws<ArgumentException>(() => ToolAliases.None.WithPattern("x", @"(a)\1"));
        Assert.ThrowsAny<ArgumentException>(() => ToolAliases.None.WithPattern("x", "a)|(b"));
        Assert.Equal("shell_execute", ToolAliases.Default.With("shell_execute", "zsh").Canonicalize("zsh"));
    }
}
