using Agt;
using Agt.Audit;
using Agt.Compliance.Transparency;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds what compliance asks for while agents run.</summary>
public static class ComplianceGovernanceBuilderExtensions
{
    /// <summary>
    /// Denies tool calls until people have been told that they deal with an AI system (EU AI Act, article 50). The host says so by <see cref="TransparencyGate.ConfirmAsync"/>, for each session; confirmations are
    /// recorded where there is an audit log.
    /// </summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="configure">Sets what must be said, by agent and tool.</param>
    public static IGovernanceBuilder AddTransparencyGate(this IGovernanceBuilder builder, Action<TransparencyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        OptionsBuilder<TransparencyOptions> options = builder.Services.AddOptions<TransparencyOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        if (!builder.Services.Any(service => service.ServiceType == typeof(TransparencyGate)))
        {
            builder.Services.AddSingleton(services => new TransparencyGate(services.GetRequiredService<IOptions<TransparencyOptions>>(), services.GetService<AuditLog>()));
            builder.Services.AddSingleton<IInterceptor>(services => new TransparencyInterceptor(services.GetRequiredService<TransparencyGate>()));
        }

        return builder;
    }
}
