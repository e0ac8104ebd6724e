namespace Agt.Conformance;

/// <summary>Streams of a model.</summary>
internal static class StreamChecks
{
    private const string Text = "one two three four five six seven eight nine ten";

    internal static async Task AllowedStreamIsIdentical(CheckContext context)
    {
        bool decided = false;
        bool early = false;
        await using CheckHost host = await context.StartAsync(Hook.OnResult(InterventionPoint.PostModelCall, _ =>
        {
            decided = true;
            return default;
        })).ConfigureAwait(false);
        host.Probes.Model.Says(Text);
        (string text, Exception? error) = await host.StreamAsync(onPiece: piece => early |= piece.Length > 0 && !decided).ConfigureAwait(false);
        Expect.That(error is null, "a stream without an error", error?.Message);
        Expect.Same(Text, text, "the text of the stream");
        Expect.That(decided, "a decision on the stream", "none");
        Expect.That(!early, "no piece before the decision", "one");
    }

    internal static async Task DeniedStreamIsSilent(CheckContext context)
    {
        await using (CheckHost host = await context.StartAsync(Hook.OnResult(InterventionPoint.PostModelCall, _ => Verdict.Deny(CallChecks.No))).ConfigureAwait(false))
        {
            host.Probes.Model.Says(Text);
            (string text, Exception? error) = await host.StreamAsync().ConfigureAwait(false);
            Expect.That(!text.Contains("one", StringComparison.Ordinal), "no piece of a denied stream", text);
            Expect.That(new DriveResult(text, error).IsDenied, "the public message of the denial", $"{text} {error?.Message}");
            Expect.That(host.Probes.Model.StreamsDisposed == 1, "the stream of the model to be disposed", host.Probes.Model.StreamsDisposed);
        }

        await using (CheckHost host = await context.StartAsync(Hook.At(InterventionPoint.PreModelCall, _ => Verdict.Deny(CallChecks.No))).ConfigureAwait(false))
        {
            host.Probes.Model.Says(Text);
            (string text, _) = await host.StreamAsync().ConfigureAwait(false);
            Expect.That(host.Probes.Model.Requests.Count == 0, "no request to the model", host.Probes.Model.Requests.Count);
            Expect.That(!text.Contains("one", StringComparison.Ordinal), "no piece of a denied request", text);
        }
    }

    internal static async Task BrokenStreamIsSilent(CheckContext context)
    {
        await using (CheckHost host = await context.StartAsync().ConfigureAwait(false))
        {
            host.Probes.Model.Says(Text);
            host.Probes.Model.StreamError = new InvalidTimeZoneException("upstream");
            (string text, Exception? error) = await host.StreamAsync().ConfigureAwait(false);
            Expect.That(text.Length == 0, "nothing of a stream that breaks before it is decided on", text);
            Expect.That(error is not null, "the error of the model", "none");
            Expect.That(host.Probes.Model.StreamsDisposed == 1, "the stream of the model to be disposed", host.Probes.Model.StreamsDisposed);
        }

        await using (CheckHost host = await context.StartAsync().ConfigureAwait(false))
        {
            host.Probes.Model.Says(Text);
            host.Probes.Model.StreamRepeats = 3_000;
            (string text, Exception? error) = await host.StreamAsync().ConfigureAwait(false);
            Expect.That(!text.Contains("one", StringComparison.Ordinal), "nothing of a stream of 30,000 updates", $"{text.Length} characters");
            Expect.That(new DriveResult(text, error).IsDenied, "a denial", $"{text} {error?.Message}");
            Expect.That(host.Probes.Model.PiecesRead < 20_000, "the model not to be read to its end", host.Probes.Model.PiecesRead);
        }

        await using (CheckHost host = await context.StartAsync().ConfigureAwait(false))
        {
            host.Probes.Model.Says(Text);
            await host.StreamAsync(most: 2).ConfigureAwait(false);
            Expect.That(host.Probes.Model.StreamsDisposed == 1, "the stream of the model to be disposed when the caller stops early", host.Probes.Model.StreamsDisposed);
        }
    }

    internal static async Task StreamedCallsAreGoverned(CheckContext context)
    {
        await using CheckHost host = await context.StartAsync(Hook.OnTool(_ => Verdict.Deny(CallChecks.No))).ConfigureAwait(false);
        host.Probes.Model.Calls(host.Call("c-1", "probe_read"));
        host.Probes.Model.Says("done");
        await host.StreamAsync().ConfigureAwait(false);
        Expect.Calls(host.Probes["probe_read"], 0, "a denied call out of a stream");
        Expect.That(host.ToolDecisions.Count >= 1, "a decision on the call", host.ToolDecisions.Count);

        await using CheckHost allows = await context.StartAsync().ConfigureAwait(false);
        allows.Probes.Model.Calls(allows.Call("c-1", "probe_read"));
        allows.Probes.Model.Says("done");
        (string text, Exception? error) = await allows.StreamAsync().ConfigureAwait(false);
        Expect.Calls(allows.Probes["probe_read"], 1, "an allowed call out of a stream");
        Expect.That(text.Contains("done", StringComparison.Ordinal), "the text after the call", $"{text} {error?.Message}");
    }
}
