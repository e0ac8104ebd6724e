using System.Text;

namespace Agt.Policy.Tests.Loading;

/// <summary>What a file is made of, before it is a policy.</summary>
public sealed class FileBytesTests
{
    private const string Policy = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\n";

    [Theory]
    [InlineData("\uFEFFname: p", "(1,1): error AGTP006: The file begins with a byte order mark. Save it as UTF-8 without one.")]
    [InlineData("name: p # \u2028rules: []", "(1,11): error AGTP007: The file holds U+2028, a character that is not seen and changes how text is read or shown. Remove it, or write \\u2028 in double quotes.")]
    [InlineData("a: 1\nn: \"é😀\u202Eecilop\"", "(2,8): error AGTP007: The file holds U+202E, a character that is not seen and changes how text is read or shown. Remove it, or write \\u202E in double quotes.")]
    [InlineData("a: b\u0085c", "(1,5): error AGTP007: The file holds U+0085, a character that is not seen and changes how text is read or shown. Remove it, or write \\u0085 in double quotes.")]
    [InlineData("a: b\0c", "(1,5): error AGTP007: The file holds U+0000, a character that is not seen and changes how text is read or shown. Remove it, or write \\u0000 in double quotes.")]
    [InlineData("a: send\u200B_mail", "(1,8): error AGTP007: The file holds U+200B, a character that is not seen and changes how text is read or shown. Remove it, or write \\u200B in double quotes.")]
    [Requirement("POL-018")]
    public void Characters_that_make_a_file_read_otherwise_than_it_looks_are_refused(string text, string said) =>
        Assert.Equal("p.yaml" + said, Assert.Single(PolicyLoader.LoadText(text, "p.yaml").Diagnostics).ToString());

    [Fact]
    public void Text_in_any_script_is_fine() =>
        Assert.True(PolicyLoader.LoadText(Policy + "description: \"Größe, ½, 日本語, עברית, “quotes” – ﬁ ＡＢＣ, \\u202E, 👩‍💻\"\n").IsSuccess);

    [Fact]
    [Requirement("POL-018")]
    public void A_stream_is_read_to_the_bound_and_no_further()
    {
        var endless = new EndlessStream();

        PolicyLoadResult result = PolicyLoader.LoadStream(endless, "pipe", new PolicyLoadOptions { MaxBytes = 10_000 });

        Assert.Equal("pipe(0,0): error AGTP005: The file has more than 10000 bytes; at most 10000 are read. Split it, or raise PolicyLoadOptions.MaxBytes.", Assert.Single(result.Diagnostics).ToString());
        Assert.InRange(endless.Given, 10_001, 10_001);
    }

    [Theory]
    [InlineData(Policy)]
    [InlineData(" \n{\"apiVersion\": \"governance.toolkit/v1\", \"name\": \"p\", \"agent\": \"*\"}")]
    public void A_stream_is_loaded_from_where_it_stands(string text)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes("xyz" + text)) { Position = 3 };

        Assert.Equal("p", Assert.Single(PolicyLoader.LoadStream(stream).GetDocuments()).Name);
        Assert.True(stream.CanRead);
    }

    [Fact]
    public void A_stream_that_is_closed_is_an_error()
    {
        var stream = new MemoryStream();
        stream.Dispose();

        Assert.Equal("AGTP002", Assert.Single(PolicyLoader.LoadStream(stream, "closed").Diagnostics).Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void The_bound_itself_is_allowed(int less)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Policy);
        using var stream = new MemoryStream(bytes);

        PolicyLoadResult result = PolicyLoader.LoadStream(stream, "p", new PolicyLoadOptions { MaxBytes = bytes.Length - less });

        Assert.Equal(less == 0, result.IsSuccess);
    }

    [Fact]
    [Requirement("POL-018")]
    public void A_file_of_ten_megabytes_is_refused_unread()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "big.yaml");
        File.WriteAllText(path, new string('#', 10_000_000));

        PolicyLoadException refused = Assert.Throws<PolicyLoadException>(() => PolicyLoader.Load(path).GetDocuments());
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);

        Assert.Equal(
            $"The policy was refused.{Environment.NewLine}{path}(0,0): error AGTP005: The file has 10000000 bytes; at most 1048576 are read. Split it, or raise PolicyLoadOptions.MaxBytes.",
            refused.Message);
    }

    private sealed class EndlessStream : Stream
    {
        internal long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => Given; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            Array.Fill(buffer, (byte)'#', offset, count);
            Given += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
