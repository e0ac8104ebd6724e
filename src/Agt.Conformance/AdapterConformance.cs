using Xunit;

namespace Agt.Conformance;

/// <summary>
/// The suite as tests: derive a class in your test project, and every check is one test of it.
/// </summary>
/// <example><code>public sealed class MyAdapterConformance : AdapterConformance&lt;MyFixture&gt;;</code></example>
/// <typeparam name="TFixture">Your fixture.</typeparam>
public abstract class AdapterConformance<TFixture>
    where TFixture : IAdapterFixture, new()
{
    /// <summary>How the checks are run; override to repeat more or less.</summary>
    protected virtual ConformanceOptions Options => ConformanceOptions.Default;

    /// <summary>Runs one check; what the adapter does not declare is skipped with the reason.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="title">What it checks.</param>
    [Theory]
    [MemberData(nameof(ConformanceRunner.CheckRows), MemberType = typeof(ConformanceRunner))]
    public async Task Conforms(string id, string title)
    {
        CheckResult result = await ConformanceRunner.RunAsync(ConformanceRunner.Checks.Single(check => check.Id == id), static () => new TFixture(), Options).ConfigureAwait(true);
        Assert.SkipWhen(result.Status == CheckStatus.Unsupported, result.Detail ?? title);
        Assert.True(result.Status == CheckStatus.Passed, $"{title}. {result.Detail}");
    }
}
