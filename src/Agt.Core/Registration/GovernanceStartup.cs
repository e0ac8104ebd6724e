using Agt.Audit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Agt;

/// <summary>Builds the chain when the host starts, so that a mistake in options or policy stops the host and not the first call.</summary>
internal sealed class GovernanceStartup(IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        RequireLog();
        _ = services.GetService(typeof(IGovernance));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What happened must be there after a crash: in production nobody gets the log in memory without having asked for it (spec 09, AUD-X03).</summary>
    private void RequireLog()
    {
        if (services.GetRequiredService<IDecisionLog>() is not InMemoryDecisionLog log || !ReferenceEquals(log, services.GetService<InMemoryDecisionLog>()))
        {
            return;
        }

        if (services.GetService<IHostEnvironment>()?.IsProduction() == true)
        {
            throw new InvalidOperationException(
                "Governance: nothing says where decisions are recorded, and in memory they are gone with the process. Call AddAudit() of the package Agt.Audit on what AddGovernance() returned; or UseDecisionLog(new InMemoryDecisionLog()), if that is what you want in production.");
        }

        GovernanceLog.InMemoryLog(services.GetRequiredService<GovernanceRuntime>().Logger);
    }
}
