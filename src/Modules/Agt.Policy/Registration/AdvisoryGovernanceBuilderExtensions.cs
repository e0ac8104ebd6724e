using Agt;
using Agt.Policy;
using Agt.Policy.Advice;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds checks that do not answer alike each time.</summary>
public static class AdvisoryGovernanceBuilderExtensions
{
    /// <summary>
    /// Asks a check about every tool call that nothing has denied. It can deny or ask for approval, never allow (POL-187); its verdicts say <c>deterministic: false</c> in the record. If it
    /// fails, the call is denied; under the profile <see cref="PolicyProfile.AgentOs10"/> it is let through with a warning.
    /// </summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="check">The check.</param>
    /// <returns>The builder.</returns>
    public static IGovernanceBuilder AddAdvisoryCheck(this IGovernanceBuilder builder, IAdvisoryCheck check)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(check);
        ArgumentException.ThrowIfNullOrWhiteSpace(check.Name);
        builder.Services.AddSingleton<IInterceptor>(provider => new AdvisoryInterceptor(
            check, provider.GetService<ILoggerFactory>()?.CreateLogger("Agt.Policy") ?? NullLogger.Instance,
            provider.GetService<IOptions<PolicyOptions>>()?.Value.Loading.Profile == PolicyProfile.AgentOs10));
        return builder;
    }
}
