using Agt.Conformance.Tests.Real;

namespace Agt.Conformance.Tests;

public sealed class SemanticKernelConformance : AdapterConformance<SemanticKernelFixture>;

public sealed class ExtensionsAIConformance : AdapterConformance<ExtensionsAIFixture>;

public sealed class BothAdaptersConformance
{
    [Fact]
    [Requirement(
        "ADP-C01", "ADP-C02", "ADP-C03", "ADP-C04", "ADP-C05", "ADP-C06", "ADP-C07", "ADP-C08", "ADP-C09", "ADP-C10", "ADP-C11", "ADP-C12", "ADP-C13", "ADP-C14", "ADP-C15", "ADP-C16", "ADP-C17", "ADP-C18", "ADP-C19",
        "ADP-C20", "ADP-C21", "ADP-C22", "ADP-C23", "ADP-C24", "ADP-C25", "ADP-C26", "ADP-C27", "ADP-C28", "ADP-C29", "ADP-C30", "ADP-C31", "ADP-C32", "ADP-C33", "ADP-C34", "ADP-C35", "ADP-C36", "ADP-C37", "ADP-C38", "ADP-C39",
        "ADP-C40", "ADP-C41", "ADP-C42", "ADP-C43", "ADP-C44", "ADP-C45", "ADP-C46", "ADP-C47", "ADP-C48", "ADP-C51", "ADP-C53", "ADP-C55", "ADP-C56", "ADP-C57", "ADP-C58")]
    public async Task Both_adapters_pass_every_check_that_they_declare()
    {
        foreach (Func<IAdapterFixture> make in (Func<IAdapterFixture>[])[() => new SemanticKernelFixture(), () => new ExtensionsAIFixture()])
        {
            ConformanceReport report = await ConformanceRunner.RunAsync(make, new ConformanceOptions { Repeats = 3 }, TestContext.Current.CancellationToken);
            Assert.Empty(report.With(CheckStatus.Failed).Select(result => $"{result.Check}: {result.Detail}"));
            Assert.All(report.With(CheckStatus.Unsupported), result => Assert.True(result.Check.Unsupported is not null || result.Check.Id is "ADP-C49" or "ADP-C50", result.ToString()));
        }
    }
}
