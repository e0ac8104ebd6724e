using Agt;
using Agt.Policy;
using Agt.Policy.BreakGlass;
using Agt.Policy.Facets;
using Agt.Policy.InformationFlow;
using Agt.Policy.RateLimits;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds policies to governance. Calls add up: a host may have many files and texts.</summary>
public static class PolicyGovernanceBuilderExtensions
{
    /// <summary>Adds a policy file, or all policies of a directory.</summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="path">The file or directory; read when the host starts, which fails if it is missing or refused.</param>
    public static IGovernanceBuilder AddPolicy(this IGovernanceBuilder builder, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return builder.AddPolicy(options => options.Paths.Add(path));
    }

    /// <summary>Adds a policy given as text: YAML, or JSON if it begins with a brace.</summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="text">The policy.</param>
    public static IGovernanceBuilder AddPolicyText(this IGovernanceBuilder builder, string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        return builder.AddPolicy(options => options.Texts.Add(text));
    }

    /// <summary>Adds policies by options.</summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="configure">Sets the options.</param>
    public static IGovernanceBuilder AddPolicy(this IGovernanceBuilder builder, Action<PolicyOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        IServiceCollection services = builder.Services;
        services.AddOptions<PolicyOptions>().Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PolicyOptions>, PolicyOptionsValidator>());
        services.TryAddSingleton(provider => new PolicyEngine(
            provider.GetRequiredService<IOptions<PolicyOptions>>().Value, provider.GetService<TimeProvider>(), provider.GetService<ILoggerFactory>()));
        services.TryAddSingleton<IRateLimitStore>(provider => new MemoryRateLimitStore(
            provider.GetService<TimeProvider>() ?? TimeProvider.System, provider.GetRequiredService<IOptions<PolicyOptions>>().Value.MaxRateLimitKeys));
        services.TryAddSingleton(provider => new FacetReader(provider.GetRequiredService<IOptions<FacetOptions>>().Value));
        foreach (ServiceDescriptor manifests in services.Where(service => service.ServiceType == typeof(IPolicySource) && service.ImplementationType == typeof(Agt.Policy.Acs.AcsPolicySource)).ToArray())
        {
            services.Remove(manifests);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPolicySource, PolicyEngine>(provider => provider.GetRequiredService<PolicyEngine>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IInterceptor, PolicyInterceptor>(
            provider => new PolicyInterceptor(provider.GetRequiredService<IRateLimitStore>(), provider.GetRequiredService<FacetReader>(), provider.GetRequiredService<IOptions<PolicyOptions>>().Value.Mode, provider.GetService<ShadowPolicy>(), provider.GetService<BreakGlass>())
            {
                Fallback = BackendGovernanceBuilderExtensions.BackendRegistration.FallbackOf(provider),
            }));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IInterceptor, PolicyFlowInterceptor>(
            provider => new PolicyFlowInterceptor(provider.GetRequiredService<IOptions<PolicyOptions>>().Value.Mode == PolicyMode.EvaluateOnly)));
        return builder;
    }

    /// <summary>
    /// Asks a second set beside the one in force, without letting it decide anything. Read what it would have done from the service <see cref="ShadowPolicy"/>.
    /// </summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="path">A policy file or directory.</param>
    /// <returns>The builder.</returns>
    public static IGovernanceBuilder AddShadowPolicy(this IGovernanceBuilder builder, string path)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        builder.Services.TryAddSingleton(provider =>
        {
            PolicyOptions options = provider.GetRequiredService<IOptions<PolicyOptions>>().Value;
            PolicyLoadResult result = PolicyLoader.Load(path, options.Loading);
            return result.IsSuccess
                ? new ShadowPolicy(PolicySet.Compile(result.Documents, new PolicyCompileOptions { MaxScannedCharacters = options.MaxScannedCharacters, Profile = options.Loading.Profile, Strategy = options.Strategy }))
                : throw new PolicyLoadException(result.Diagnostics);
        });
        return builder;
    }

    /// <summary>
    /// Says where statements, commands and requests stand in the arguments of tools, so that rules can test <c>sql.verb</c>, <c>shell.program</c> or <c>http.host</c>. Facts of SQL and
    /// Kubernetes at their default paths need no call.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Adds what is to be read, e.g. <c>facets => facets.AddSql("statement", tools: "db_*").AddShell("cmd")</c>.</param>
    /// <returns>The builder.</returns>
    public static IGovernanceBuilder AddFacets(this IGovernanceBuilder builder, Action<FacetOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.AddOptions<FacetOptions>().Configure(configure);
        return builder;
    }
}
