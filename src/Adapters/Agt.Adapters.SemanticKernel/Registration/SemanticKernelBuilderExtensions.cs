using Agt;
using Agt.Adapters;
using Agt.Adapters.SemanticKernel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.TextGeneration;

namespace Microsoft.SemanticKernel;

/// <summary>Governs kernels that are being built.</summary>
public static class SemanticKernelBuilderExtensions
{
    /// <summary>
    /// Governs the kernel with a governance of its own: every function call, tool call, rendered prompt, and every chat or text service registered so far.
    /// </summary>
    /// <remarks>Call it after the services and filters are added. Calling it again governs what was added since.</remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Adds policies and modules; without a policy every action is denied.</param>
    /// <param name="options">Sets options, for example who acts.</param>
    /// <returns>The builder.</returns>
    /// <example><code>builder.AddGovernance(governance => governance.AddPolicy("policy.yaml"), options => options.Agent = AgentId.Parse("billing-1"));</code></example>
    public static IKernelBuilder AddGovernance(this IKernelBuilder builder, Action<IGovernanceBuilder> configure, Action<SemanticKernelGovernanceOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        configure(builder.Services.AddGovernance());
        return Register(builder, options);
    }

    /// <summary>Governs the kernel with a governance that exists already. As <see cref="AddGovernance(IKernelBuilder, Action{IGovernanceBuilder}, Action{SemanticKernelGovernanceOptions}?)"/> otherwise.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="governance">Decides.</param>
    /// <param name="options">Sets options, for example who acts.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">The builder has another governance already, or an option is out of range.</exception>
    public static IKernelBuilder AddGovernance(this IKernelBuilder builder, IGovernance governance, Action<SemanticKernelGovernanceOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(governance);
        ServiceDescriptor? other = builder.Services.FirstOrDefault(descriptor => descriptor.ServiceType == typeof(IGovernance));
        if (other is not null && !ReferenceEquals(other.ImplementationInstance, governance))
        {
            throw new InvalidOperationException("Governance of Semantic Kernel: the builder has another IGovernance already. Use that one, or remove it first.");
        }

        builder.Services.TryAddSingleton(governance);
        return Register(builder, options);
    }

    private static IKernelBuilder Register(IKernelBuilder builder, Action<SemanticKernelGovernanceOptions>? configure)
    {
        IServiceCollection services = builder.Services;
        if (!services.Any(descriptor => descriptor.ServiceType == typeof(SemanticKernelGovernor)))
        {
            var options = new SemanticKernelGovernanceOptions();
            configure?.Invoke(options);
            options.Validate();
            services.AddSingleton(provider => new SemanticKernelGovernor(provider.GetRequiredService<IGovernance>(), options));
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IGovernanceAdapter, SemanticKernelAdapter>());
        }

        PutFirst<IFunctionInvocationFilter>(services);
        PutFirst<IAutoFunctionInvocationFilter>(services);
        PutFirst<IPromptRenderFilter>(services);
        for (int i = 0; i < services.Count; i++)
        {
            if ((services[i].ServiceType == typeof(IChatCompletionService) || services[i].ServiceType == typeof(ITextGenerationService)) && !GovernedDescriptor.IsGoverned(services[i]))
            {
                services[i] = GovernedDescriptor.Decorate(services[i]);
            }
        }

        return builder;
    }

    /// <summary>The kernel takes its filters in the order of registration.</summary>
    private static void PutFirst<TFilter>(IServiceCollection services)
        where TFilter : class
    {
        ServiceDescriptor? known = services.FirstOrDefault(descriptor => descriptor.ServiceType == typeof(TFilter) && descriptor.ImplementationFactory == FilterFactory);
        if (known is not null)
        {
            services.Remove(known);
        }

        services.Insert(0, known ?? new ServiceDescriptor(typeof(TFilter), FilterFactory, ServiceLifetime.Singleton));
    }

    private static GovernanceFilter FilterFactory(IServiceProvider provider) => provider.GetRequiredService<SemanticKernelGovernor>().Filter;
}
