using Agt;
using Agt.Policy;
using Agt.Policy.Backends;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds other policy engines.</summary>
public static class BackendGovernanceBuilderExtensions
{
    private static readonly TimeSpan DefaultTime = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Asks another engine beside the documents: all have to allow, and one that fails or is late denies. In the profile <see cref="PolicyProfile.AgentOs10"/> engines are asked in turn instead, where no rule of a
    /// document matched; there one that fails is passed over, and the default holds in the end.
    /// </summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="backend">Makes the engine, once, when the host starts.</param>
    /// <param name="time">How long it may take; null for five seconds.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is not positive.</exception>
    public static IGovernanceBuilder AddPolicyBackend(this IGovernanceBuilder builder, Func<IServiceProvider, IPolicyBackend> backend, TimeSpan? time = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(backend);
        TimeSpan limit = time ?? DefaultTime;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero, nameof(time));
        var registration = new BackendRegistration(provider => new BackendVerdicts(backend(provider), limit, provider.GetService<TimeProvider>() ?? TimeProvider.System));
        builder.Services.AddSingleton(registration);
        builder.Services.AddSingleton<IInterceptor>(provider => new BackendInterceptor(registration.Get(provider), isAsked: !BackendRegistration.IsFallback(provider)));
        return builder;
    }

    /// <summary>One engine, made once.</summary>
    internal sealed class BackendRegistration(Func<IServiceProvider, BackendVerdicts> make)
    {
        private readonly Lock _gate = new();
        private BackendVerdicts? _made;

        internal static bool IsFallback(IServiceProvider provider) => provider.GetService<IOptions<PolicyOptions>>()?.Value.Loading.Profile == PolicyProfile.AgentOs10;

        internal static BackendFallback? FallbackOf(IServiceProvider provider) =>
            IsFallback(provider) && provider.GetServices<BackendRegistration>().ToArray() is { Length: > 0 } all ? new BackendFallback([.. all.Select(one => one.Get(provider))]) : null;

        internal BackendVerdicts Get(IServiceProvider provider)
        {
            lock (_gate)
            {
                return _made ??= make(provider);
            }
        }
    }
}
