using Agt.Audit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Agt.Core.Tests;

public sealed class StartupTests
{
    [Fact]
    [Requirement("AUD-X03", "AUD-401")]
    public async Task In_production_a_host_does_not_start_with_a_log_in_memory_that_nobody_asked_for()
    {
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync("Production", static _ => { }));
        Assert.Contains("Call AddAudit()", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Development")]
    [InlineData("Staging")]
    [InlineData(null)]
    public async Task Elsewhere_it_is_warned_of(string? environment) =>
        Assert.Contains(await StartAsync(environment, static _ => { }), record => record is { Level: LogLevel.Warning, Id.Id: 20 });

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task Who_asks_for_it_gets_it(string environment) =>
        Assert.DoesNotContain(await StartAsync(environment, builder => builder.UseDecisionLog(new InMemoryDecisionLog())), record => record.Id.Id == 20);

    private static async Task<IReadOnlyList<FakeLogRecord>> StartAsync(string? environment, Action<IGovernanceBuilder> configure)
    {
        var collector = new FakeLogCollector();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(collector)));
        if (environment is not null)
        {
            services.AddSingleton<IHostEnvironment>(new TestEnvironment { EnvironmentName = environment });
        }

        configure(services.AddGovernance());
        await using ServiceProvider provider = services.BuildServiceProvider();
        foreach (IHostedService service in provider.GetServices<IHostedService>())
        {
            await service.StartAsync(TestContext.Current.CancellationToken);
        }

        return collector.GetSnapshot();
    }

    private sealed class TestEnvironment : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Production";

        public string ApplicationName { get; set; } = "test";

        public string ContentRootPath { get; set; } = AppContext.BaseDirectory;

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
