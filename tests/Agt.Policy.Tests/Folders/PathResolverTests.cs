using Agt.Policy.Folders;

namespace Agt.Policy.Tests.Folders;

/// <summary>Where a path leads that comes from a model.</summary>
public sealed class PathResolverTests
{
    private static readonly PathRules Unix = new(IsWindows: false, IgnoresCase: false);
    private static readonly PathRules Mac = new(IsWindows: false, IgnoresCase: true);
    private static readonly PathRules Windows = new(IsWindows: true, IgnoresCase: true);

    [Theory]
    [Requirement("POL-113")]
    [InlineData("a/b.txt", "a/b.txt", false)]
    [InlineData("./a//b.txt", "a/b.txt", false)]
    [InlineData("a/../b.txt", "b.txt", false)]
    [InlineData("a/../../repo/b.txt", "b.txt", false)]
    [InlineData("/srv/repo/a/b.txt", "a/b.txt", false)]
    [InlineData("/srv/repo", "", true)]
    [InlineData("", "", true)]
    [InlineData(".", "", true)]
    [InlineData("a", "a", true)]
    [InlineData("new", "new", false)]
    [InlineData("new/", "new", true)]
    [InlineData("new/er/x", "new/er/x", false)]
    [InlineData("inner/x", "a/x", false)]
    [InlineData("inner", "a", true)]
    [InlineData("chain/x", "a/x", false)]
    [InlineData("dangling", "a/nowhere", false)]
    [InlineData("top/x", "x", false)]
    public void A_path_leads_into_the_tree(string text, string path, bool isFolder) =>
        Assert.Equal(new ResolvedPath(PathPlace.Inside, path, isFolder), Resolve(text));

    [Theory]
    [Requirement("POL-113", "POL-X07")]
    [InlineData("..")]
    [InlineData("../repository/x")]
    [InlineData("../repo2/x")]
    [InlineData("/srv/repo2/x")]
    [InlineData("/srv/Repo/x")]
    [InlineData("/etc/passwd")]
    [InlineData("/")]
    [InlineData("../../../../../../etc/passwd")]
    [InlineData("outer/x")]
    [InlineData("outer")]
    [InlineData("a/up/x")]
    public void A_path_leads_out_of_the_tree(string text) => Assert.Equal(PathPlace.Outside, Resolve(text).Place);

    [Theory]
    [Requirement("POL-113")]
    [InlineData("a\0b")]
    [InlineData("a/b\0/../x")]
    [InlineData("a\nb")]
    [InlineData("a\u007fb")]
    [InlineData("a\\b.txt")]
    [InlineData("..\\..\\etc")]
    [InlineData("a\\../b")]
    [InlineData("~/x")]
    [InlineData("~root/x")]
    [InlineData("file:///srv/repo/x")]
    [InlineData("FILE:x")]
    [InlineData("http://host/x")]
    [InlineData("a/%2e%2E/x")]
    [InlineData("a%2Fx")]
    [InlineData("a%00")]
    [InlineData("loop/x")]
    [InlineData("closed/x")]
    [InlineData("far/../x")]
    [InlineData("a/deep/../x")]
    public void A_path_that_can_be_read_in_two_ways_is_refused(string text) => Assert.Equal(PathPlace.Refused, Resolve(text).Place);

    [Fact]
    public void Where_the_composition_of_letters_makes_no_difference_it_makes_none_or_the_path_is_refused()
    {
        ResolvedPath resolved = new PathResolver("/srv/repo", Mac, Files(), strict: true).Resolve("cafe\u0301/x");
        Assert.Equal(PathRules.CanCompose ? new ResolvedPath(PathPlace.Inside, "caf\u00e9/x", false) : ResolvedPath.Refused, resolved);
    }

    [Fact]
    [Requirement("POL-113")]
    public void Half_a_character_is_no_name() => Assert.Equal(PathPlace.Refused, Resolve("a\ud800b").Place);

    [Fact]
    [Requirement("POL-113")]
    public void A_path_that_is_too_long_or_too_deep_is_refused()
    {
        Assert.Equal(PathPlace.Inside, Resolve(new string('a', 4_096)).Place);
        Assert.Equal(PathPlace.Refused, Resolve(new string('a', 4_097)).Place);
        Assert.Equal(PathPlace.Inside, Resolve(string.Concat(Enumerable.Repeat("a/", 255))).Place);
        Assert.Equal(PathPlace.Refused, Resolve(string.Concat(Enumerable.Repeat("a/", 256))).Place);
    }

    [Fact]
    public void What_is_missing_is_asked_for_once()
    {
        MadeUpFiles files = Files();
        new PathResolver("/srv/repo", Unix, files, strict: true).Resolve("new/" + string.Concat(Enumerable.Repeat("x/", 200)));
        Assert.Equal(1, files.Asked);
    }

    [Fact]
    public void The_profile_of_the_original_takes_odd_texts_as_names()
    {
        var resolver = new PathResolver("/srv/repo", Unix, Files(), strict: false);
        Assert.Equal("~/x", resolver.Resolve("~/x").Path);
        Assert.Equal("a\\b", resolver.Resolve("a\\b").Path);
        Assert.Equal(PathPlace.Outside, resolver.Resolve("far/../x").Place);
        Assert.Equal(PathPlace.Refused, resolver.Resolve("a\0").Place);
    }

    [Theory]
    [InlineData("SRC/A.txt", "SRC/A.txt")]
    [InlineData("/SRV/REPO/a", "a")]
    public void Letters_of_another_case_or_composition_lead_to_the_same_place_where_they_do(string text, string path) =>
        Assert.Equal(path, new PathResolver("/srv/repo", Mac, Files(), strict: true).Resolve(text).Path);

    [Theory]
    [Requirement("POL-113")]
    [InlineData("a\\b.txt", nameof(PathPlace.Inside), "a/b.txt")]
    [InlineData("a/b\\..\\c.txt", nameof(PathPlace.Inside), "a/c.txt")]
    [InlineData("c:\\REPO\\a.txt", nameof(PathPlace.Inside), "a.txt")]
    [InlineData("D:\\repo\\a.txt", nameof(PathPlace.Outside), "")]
    [InlineData("..\\x", nameof(PathPlace.Outside), "")]
    [InlineData("C:\\", nameof(PathPlace.Outside), "")]
    [InlineData("C:a.txt", nameof(PathPlace.Refused), "")]
    [InlineData("C:", nameof(PathPlace.Refused), "")]
    [InlineData("\\repo\\a.txt", nameof(PathPlace.Refused), "")]
    [InlineData("\\\\server\\share\\x", nameof(PathPlace.Refused), "")]
    [InlineData("\\\\?\\C:\\repo\\x", nameof(PathPlace.Refused), "")]
    [InlineData("//./C:/repo/x", nameof(PathPlace.Refused), "")]
    [InlineData("a.txt:stream", nameof(PathPlace.Refused), "")]
    [InlineData("a.\\x", nameof(PathPlace.Refused), "")]
    [InlineData("a \\x", nameof(PathPlace.Refused), "")]
    [InlineData("SECRET~1\\x", nameof(PathPlace.Refused), "")]
    [InlineData("...\\x", nameof(PathPlace.Refused), "")]
    public void Paths_of_Windows_have_traps_of_their_own(string text, string place, string path)
    {
        ResolvedPath resolved = new PathResolver("C:\\repo", Windows, new MadeUpFiles(), strict: true).Resolve(text);
        Assert.Equal((place, path), (resolved.Place.ToString(), resolved.Path));
    }

    private static ResolvedPath Resolve(string text) => new PathResolver("/srv/repo", Unix, Files(), strict: true).Resolve(text);

    private static MadeUpFiles Files() => new()
    {
        Folders = { "/srv", "/srv/repo", "/srv/repo/a", "/srv/repo/a/b", "/etc", "/srv/repo/a/real", "/srv/other", "/srv/other/sub" },
        Files = { "/srv/repo/a/b.txt" },
        Unreadable = { "/srv/repo/closed" },
        Links =
        {
            ["/srv/repo/inner"] = "a",
            ["/srv/repo/chain"] = "/srv/repo/inner",
            ["/srv/repo/dangling"] = "a/nowhere",
            ["/srv/repo/top"] = "/srv/repo/",
            ["/srv/repo/outer"] = "/etc",
            ["/srv/repo/a/up"] = "../..",
            ["/srv/repo/loop"] = "loop",
            ["/srv/repo/far"] = "/srv/other/sub",
            ["/srv/repo/a/deep"] = "real/deeper/est",
        },
    };
}
