using Agt.Chain;
using Agt.Sessions;
using Agt.Signals;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Agt;

/// <summary>What the chain and the services around it share: clock, log, open sessions and signals of one host.</summary>
internal sealed class GovernanceRuntime
{
    public GovernanceRuntime(IServiceProvider services)
    {
        GovernanceOptions options = services.GetRequiredService<IOptions<GovernanceOptions>>().Value;
        TimeProvider time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        Logger = new GuardedLogger(services.GetService<ILoggerFactory>()?.CreateLogger("Agt.Governance") ?? NullLogger.Instance);
        Clock = new GovernanceClock(time);
        Sessions = new SessionTable(Clock, options.MaxSessions, options.SessionIdleTimeout);
        Signals = new GovernanceSignals(Sessions, time, Logger, options.MaxStoppedActions);
    }

    internal ILogger Logger { get; }

    internal GovernanceClock Clock { get; }

    internal SessionTable Sessions { get; }

    internal GovernanceSignals Signals { get; }
}
