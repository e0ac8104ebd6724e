using Microsoft.Extensions.Hosting;

namespace Agt;

/// <summary>Builds the chain when the host starts, so that a mistake in options or policy stops the host and not the first call.</summary>
internal sealed class GovernanceStartup(IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = services.GetService(typeof(IGovernance));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
