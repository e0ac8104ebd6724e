using System.ComponentModel;
using System.Diagnostics;
using Agt.Audit.Notes;
using Agt.Audit.Stores;
using Agt.Audit.Tests.Log;
using Agt.Audit.Verification;

namespace Agt.Audit.Tests.Interop;

public sealed class PublishedLogTests
{
    [Fact]
    [Requirement("AUD-X05", "AUD-319", "AUD-320", "AUD-321", "AUD-322", "AUD-404")]
    public async Task A_program_in_another_language_that_knows_the_standards_alone_verifies_log_and_receipts()
    {
        using var fixture = new LogFixture();
        string receipt = Path.Combine(fixture.Root, "r.tlog-proof");
        await using (AuditLog log = fixture.Open())
        {
            await Task.WhenAll(Enumerable.Range(0, 700).Select(i => log.AppendAsync(LogFixture.Event(i)).AsTask()));
            await File.WriteAllTextAsync(receipt, log.Prove(333).ToString(), TestContext.Current.CancellationToken);
        }

        string published = Publish(fixture);
        (int code, string said) = await CheckAsync(published, fixture.Verifier.ToString(), receipt);
        Assert.True(code == 0, said);
        Assert.StartsWith("ok 702 ", said, StringComparison.Ordinal);

        string bundle = Path.Combine(published, "tile", "entries", "001");
        byte[] bytes = await File.ReadAllBytesAsync(bundle, TestContext.Current.CancellationToken);
        bytes[^2] ^= 1;
        await File.WriteAllBytesAsync(bundle, bytes, TestContext.Current.CancellationToken);
        (code, said) = await CheckAsync(published, fixture.Verifier.ToString());
        Assert.Equal((1, "the root is another one"), (code, said.Trim()));
        using TileDirectory changed = TileDirectory.Open(published);
        Assert.Equal(511, new LogVerifier(changed, TrustPolicy.Of(fixture.Verifier)).Verify(TestContext.Current.CancellationToken).FailedIndex);
    }

    [Fact]
    [Requirement("AUD-415")]
    public async Task A_published_log_is_verified_as_any_other_and_publishing_again_writes_what_is_new()
    {
        using var fixture = new LogFixture();
        await fixture.WriteAsync(300);
        string published = Publish(fixture);
        using (TileDirectory directory = TileDirectory.Open(published))
        {
            Assert.True(new LogVerifier(directory, TrustPolicy.Of(fixture.Verifier)).Verify(TestContext.Current.CancellationToken).IsValid);
        }

        await fixture.WriteAsync(300);
        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(fixture.LogPath);

        // Two tiles of hashes, one of them partial, and one above; two bundles.
        Assert.Equal(5, TileDirectory.Publish(store, published));
        Assert.Equal(0, TileDirectory.Publish(store, published));
        using TileDirectory grown = TileDirectory.Open(published);
        Assert.Equal(604, grown.Size);
        Assert.True(new LogVerifier(grown, TrustPolicy.Of(fixture.Verifier)).Verify(TestContext.Current.CancellationToken).IsValid);
        Assert.Equal([.. store.ReadLeaves(250, 20)], grown.ReadLeaves(250, 20), (left, right) => left.Span.SequenceEqual(right.Span));
    }

    private static string Publish(LogFixture fixture)
    {
        string published = Path.Combine(fixture.Root, "published");
        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(fixture.LogPath);
        TileDirectory.Publish(store, published);
        return published;
    }

    private static async Task<(int Code, string Said)> CheckAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("python3", ["-B", Path.Combine(AppContext.BaseDirectory, "Interop", "tlog_check.py"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception) when (Environment.GetEnvironmentVariable("AGT_REQUIRE_SERVICES") != "1")
        {
            Assert.Skip("Python 3 is not installed: the log is not checked with a program in another language.");
            throw;
        }

        using (process)
        {
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string said = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, said + await errors);
        }
    }
}
