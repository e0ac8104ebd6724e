using Agt.Adapters;
using Xunit;

namespace Agt.Conformance;

/// <summary>Runs the checks against the fixtures of an adapter, in any program. In tests, inherit <see cref="AdapterConformance{TFixture}"/>.</summary>
public static class ConformanceRunner
{
    /// <summary>Every check, in order.</summary>
    public static IReadOnlyList<ConformanceCheck> Checks => ConformanceChecks.All;

    /// <summary>The ids and titles of the checks that this version runs, as rows of a theory.</summary>
    public static IEnumerable<TheoryDataRow<string, string>> CheckRows => Checks.Where(check => check.Unsupported is null).Select(check => new TheoryDataRow<string, string>(check.Id, check.Title));

    /// <summary>Runs every check.</summary>
    /// <param name="make">Makes a fixture; called for each run of each check.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up between two checks.</param>
    public static async Task<ConformanceReport> RunAsync(Func<IAdapterFixture> make, ConformanceOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(make);
        var results = new List<CheckResult>();
        foreach (ConformanceCheck check in Checks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            results.Add(await RunAsync(check, make, options).ConfigureAwait(false));
        }

        return new ConformanceReport(await DescriptorOfAsync(make).ConfigureAwait(false), results);
    }

    /// <summary>Runs one check.</summary>
    /// <param name="check">The check.</param>
    /// <param name="make">Makes a fixture.</param>
    /// <param name="options">How; null for the defaults.</param>
    public static async Task<CheckResult> RunAsync(ConformanceCheck check, Func<IAdapterFixture> make, ConformanceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(check);
        ArgumentNullException.ThrowIfNull(make);
        options ??= ConformanceOptions.Default;
        if (check.Excuse(await DescriptorOfAsync(make).ConfigureAwait(false)) is { } excuse)
        {
            return new CheckResult(check, CheckStatus.Unsupported, excuse);
        }

        int runs = check.IsRepeated ? Math.Max(1, options.Repeats) : 1;
        for (int run = 1; run <= runs; run++)
        {
            string where = runs == 1 ? string.Empty : $"Run {run} of {runs}: ";
            try
            {
                // A check must not keep the thread of the runner: a framework may block.
                await Task.Run(() => check.Run!(new CheckContext(make))).WaitAsync(options.Timeout).ConfigureAwait(false);
            }
            catch (ConformanceException failed)
            {
                return new CheckResult(check, CheckStatus.Failed, where + failed.Message);
            }
            catch (NotOfferedException missing)
            {
                return new CheckResult(check, CheckStatus.Unsupported, missing.Message);
            }
            catch (TimeoutException)
            {
                return new CheckResult(check, CheckStatus.Failed, $"{where}It did not end within {options.Timeout.TotalSeconds} seconds.");
            }
            catch (Exception exception)
            {
                return new CheckResult(check, CheckStatus.Failed, $"{where}{exception.GetType().Name}: {exception.Message}");
            }
        }

        return new CheckResult(check, CheckStatus.Passed, null);
    }

    private static async ValueTask<AdapterDescriptor> DescriptorOfAsync(Func<IAdapterFixture> make)
    {
        IAdapterFixture fixture = make();
        await using (fixture.ConfigureAwait(false))
        {
            return fixture.Descriptor;
        }
    }
}
