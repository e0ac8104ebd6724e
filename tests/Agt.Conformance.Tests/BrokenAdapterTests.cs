using Agt.Conformance.Tests.Broken;
using Agt.Conformance.Tests.Toy;

namespace Agt.Conformance.Tests;

/// <summary>Adapters that are broken in one way each fail the checks that this way breaks, and no other (ADP-X18).</summary>
public sealed class BrokenAdapterTests
{
    private static readonly ConformanceOptions Few = new() { Repeats = 5, Timeout = TimeSpan.FromSeconds(20) };

    public static IEnumerable<TheoryDataRow<string, string>> Broken =>
    [
        new(nameof(RunsFirst), "C03 C06 C07 C10 C12 C13 C14 C15 C18 C24 C25 C27 C28 C30 C31 C34 C35 C36 C37 C38 C39 C40 C44 C53 C55"),
        new(nameof(IgnoresStreams), "C41 C42 C43"),
        new(nameof(ReleasesStreamsEarly), "C41 C42 C43"),
        new(nameof(ChangesAfterDecision), "C02 C10 C12 C32"),
        new(nameof(DropsNulls), "C02 C08"),
        new(nameof(FlattensArguments), "C08"),
        new(nameof(CountsTwice), "C02 C16 C17 C18 C26 C27 C30 C38 C45 C46 C47"),
        new(nameof(LeaksTheReason), "C05"),
        new(nameof(LosesParallelCalls), "C18 C30 C32 C35"),
        new(nameof(SwallowsTransforms), "C10 C12"),
        new(nameof(KeepsRemovedArguments), "C10"),
        new(nameof(ShowsWithheldResults), "C09 C11"),
        new(nameof(BreaksTheBatch), "C31"),
        new(nameof(GoesOnAfterTermination), "C36"),
        new(nameof(SharesOneSession), "C17 C18 C24 C25 C26 C27 C28 C30 C32 C35 C46"),
        new(nameof(BelievesSpellings), "C07"),
        new(nameof(SwallowsExceptions), "C53"),
        new(nameof(ForgetsTheModel), "C20 C21 C22 C23 C29 C58"),
        new(nameof(DropsCancellation), "C34"),
        new(nameof(OnlyWatches), "C03 C04 C06 C07 C13 C14 C15 C24 C25 C26 C27 C28 C30 C31 C36 C37 C38 C39 C40 C44 C46 C55"),
    ];

    [Theory]
    [Requirement("ADP-X18")]
    [MemberData(nameof(Broken))]
    public async Task A_broken_adapter_fails_what_it_breaks_and_nothing_else(string adapter, string failing)
    {
        ConformanceReport report = await ConformanceRunner.RunAsync(() => new BrokenFixture((setup, principal) => Make(adapter, setup, principal)), Few, TestContext.Current.CancellationToken);

        Assert.Equal(failing, string.Join(' ', report.With(CheckStatus.Failed).Select(result => result.Check.Id["ADP-".Length..])));
        Assert.All(report.With(CheckStatus.Failed), result => Assert.False(string.IsNullOrWhiteSpace(result.Detail)));
    }

    [Fact]
    [Requirement("ADP-X18")]
    public async Task A_sound_adapter_passes_everything_that_it_declares_and_its_report_says_so()
    {
        ConformanceReport report = await ConformanceRunner.RunAsync(() => new ToyFixture(), Few, TestContext.Current.CancellationToken);

        Assert.Empty(report.With(CheckStatus.Failed).Select(result => $"{result.Check}: {result.Detail}"));
        Assert.True(report.IsFull);
        Assert.Equal(60, report.Results.Count);
        Assert.Contains("Full: ", report.ToText(), StringComparison.Ordinal);
        Assert.Contains("| ADP-C03 | denied tool never runs | passed |", report.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("| PreToolCall | yes |", report.ToMarkdown(), StringComparison.Ordinal);
        Assert.True(System.Text.Json.JsonDocument.Parse(report.ToJson()).RootElement.GetProperty("full").GetBoolean());
    }

    private static IToyMiddleware Make(string adapter, ConformanceSetup setup, Principal principal) => adapter switch
    {
        nameof(RunsFirst) => new RunsFirst(setup, principal),
        nameof(IgnoresStreams) => new IgnoresStreams(setup, principal),
        nameof(ReleasesStreamsEarly) => new ReleasesStreamsEarly(setup, principal),
        nameof(ChangesAfterDecision) => new ChangesAfterDecision(setup, principal),
        nameof(DropsNulls) => new DropsNulls(setup, principal),
        nameof(FlattensArguments) => new FlattensArguments(setup, principal),
        nameof(CountsTwice) => new CountsTwice(setup, principal),
        nameof(LeaksTheReason) => new LeaksTheReason(setup, principal),
        nameof(LosesParallelCalls) => new LosesParallelCalls(setup, principal),
        nameof(SwallowsTransforms) => new SwallowsTransforms(setup, principal),
        nameof(KeepsRemovedArguments) => new KeepsRemovedArguments(setup, principal),
        nameof(ShowsWithheldResults) => new ShowsWithheldResults(setup, principal),
        nameof(BreaksTheBatch) => new BreaksTheBatch(setup, principal),
        nameof(GoesOnAfterTermination) => new GoesOnAfterTermination(setup, principal),
        nameof(SharesOneSession) => new SharesOneSession(setup, principal),
        nameof(BelievesSpellings) => new BelievesSpellings(setup, principal),
        nameof(SwallowsExceptions) => new SwallowsExceptions(setup, principal),
        nameof(ForgetsTheModel) => new ForgetsTheModel(setup, principal),
        nameof(DropsCancellation) => new DropsCancellation(setup, principal),
        nameof(OnlyWatches) => new OnlyWatches(setup, principal),
        _ => throw new ArgumentException(adapter, nameof(adapter)),
    };
}
