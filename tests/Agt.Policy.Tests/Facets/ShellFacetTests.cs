using CsCheck;
using Agt.Policy.Facets.Shell;

namespace Agt.Policy.Tests.Facets;

public class ShellFacetTests
{
    [Theory]
    [InlineData("ls -la /var", "ls", "", true)]
    [InlineData("/bin/RM -rf /", "rm", "", true)]
    [InlineData("r''m -rf x", "rm", "", true)]
    [InlineData("\\rm x", "rm", "", true)]
    [InlineData("\"rm\" x # note", "rm", "", true)]
    [InlineData("echo 'a; rm -rf /'", "echo", "", true)]
    [InlineData("echo \"a | b\" \\; x", "echo", "", true)]
    [InlineData("cat a | grep b && rm c; ls & wc || true", "cat,grep,rm,ls,wc,true", "", false)]
    [InlineData("echo $(rm x)", "rm,echo", "", false)]
    [InlineData("echo \"$(rm 'a)b')\"", "rm,echo", "", false)]
    [InlineData("echo `curl x`", "curl,echo", "", false)]
    [InlineData("diff <(curl a) <(wget b)", "curl,wget,diff", "", false)]
    [InlineData("echo x > out.txt 2>&1", "echo", "out.txt", false)]
    [InlineData("echo x >>\"/etc/passwd\"", "echo", "/etc/passwd", false)]
    [InlineData("echo x > $HOME/y", "echo", "UNKNOWN", false)]
    [InlineData("A=1 B='2 3' make all", "make", "", true)]
    [InlineData("(cd x && make)", "cd,make", "", false)]
    [InlineData("if true; then rm x; fi", "true,rm", "", false)]
    [InlineData("ls \\\n -l", "ls", "", true)]
    [InlineData("sudo rm -rf /", "sudo,rm", "", true)]
    [InlineData("nohup timeout 5 curl x", "nohup,timeout,curl", "", true)]
    [InlineData("bash -c 'rm -rf / | tee x'", "bash,rm,tee", "", false)]
    [InlineData("sh -xc \"sudo id\"", "sh,sudo,id", "", false)]
    [InlineData("find . -name x -exec rm {} \\;", "find,rm", "", true)]
    [InlineData("", "", "", false)]
    [InlineData("   # nothing", "", "", false)]
    public void A_command_shows_what_it_starts(string command, string programs, string redirects, bool isSimple)
    {
        ShellFacts facts = ShellFacts.Of(command, 65_536);
        Assert.Equal((programs, redirects, isSimple), (string.Join(',', facts.Programs), string.Join(',', facts.Redirects), !facts.IsUnknown && facts.Parts == 1));
    }

    [Theory]
    [InlineData("$X -rf /")]
    [InlineData("r$(echo m) x")]
    [InlineData("/bin/r? x")]
    [InlineData("{rm,-rf,/}")]
    [InlineData("$'\\x72m' x")]
    [InlineData("eval \"r\"m x")]
    [InlineData("bash -c \"$X\"")]
    [InlineData("curl x | bash")]
    [InlineData("bash script.sh")]
    [InlineData("sudo -u bob rm x")]
    [InlineData("env A=1 rm x")]
    [InlineData("PATH=/evil ls")]
    [InlineData("LD_PRELOAD=x.so ls")]
    [InlineData("ls() { rm x; }; ls")]
    [InlineData("cat <<EOF\nx\nEOF")]
    [InlineData("for f in *; do rm $f; done")]
    [InlineData("echo 'open")]
    [InlineData("echo $(rm x")]
    [InlineData("echo ${X:-$(rm x)}")]
    [InlineData("xargs")]
    [InlineData("alias ls=rm; ls")]
    [InlineData(". ./x")]
    [InlineData("ls\rrm")]
    [InlineData("'a,b' x")]
    public void What_cannot_be_told_is_unknown(string command) => Assert.True(ShellFacts.Of(command, 65_536).IsUnknown);

    [Theory]
    [InlineData("sudo -u bob rm x", "rm")]
    [InlineData("eval 'rm x'", "rm")]
    [InlineData("for f in *; do rm $f; done", "rm")]
    [InlineData("echo ${X:-$(rm x)}; rm y", "rm")]
    [InlineData("env -i rm x", "rm")]
    [InlineData("su -c 'rm x'", "rm")]
    public void What_can_be_seen_all_the_same_is_named(string command, string program) => Assert.Contains(program, ShellFacts.Of(command, 65_536).Programs);

    [Fact]
    public void Arguments_that_no_shell_reads_are_taken_as_they_are()
    {
        Assert.Equal("echo", Assert.Single(ShellFacts.Of(["echo", "$(rm x)", ";", "rm"], 65_536).Programs));
        Assert.Equal(["bash", "rm"], ShellFacts.Of(["bash", "-c", "rm x"], 65_536).Programs);
    }

    [Fact]
    public void No_command_makes_the_reader_throw_or_go_on_for_ever()
    {
        string[] pieces = ["rm", "$", "(", ")", "`", "'", "\"", "\\", ";", "|", "&", "<", ">", "{", "}", "#", "\n", " ", "=", "A", "1", "eval", "bash -c", "sudo", "find -exec", "${", "$((", "\0", "[["];
        Gen.OneOf(pieces).Array[0, 30].Sample(parts => Assert.True(ShellFacts.Of(string.Concat(parts), 65_536).Programs.Count <= 256), iter: 20_000);
        Assert.True(ShellFacts.Of(string.Concat(Enumerable.Repeat("$(", 30_000)), 65_536).IsUnknown);
        Assert.True(ShellFacts.Of(string.Concat(Enumerable.Repeat("sudo ", 12_000)), 65_536).IsUnknown);
        Assert.True(ShellFacts.Of(string.Concat(Enumerable.Repeat("find -exec ", 5_000)), 65_536).IsUnknown);
    }
}
