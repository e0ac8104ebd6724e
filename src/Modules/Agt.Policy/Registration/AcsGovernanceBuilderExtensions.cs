using Agt;
using Agt.Policy.Acs;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Governs by manifests of the Agent Control Specification.</summary>
public static class AcsGovernanceBuilderExtensions
{
    /// <summary>
    /// Asks a manifest at every point that it configures, beside the policies of Agt: the more restrictive answer wins. It is read, with what it extends, when the host starts; a manifest that is
    /// refused, or needs an engine that nobody registered, stops the start.
    /// </summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="path">The manifest file.</param>
    /// <param name="configure">Registers engines and annotators, e.g. <c>acs => acs.Runtime.Engines["custom:mine"] = new MyEngine()</c>.</param>
    /// <returns>The builder.</returns>
    public static IGovernanceBuilder AddAcs(this IGovernanceBuilder builder, string path, Action<AcsOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return Add(builder, options => AcsManifestLoader.LoadAsync(path, options.Load).GetAwaiter().GetResult().GetManifest(), configure);
    }

    /// <summary>Asks a manifest that is already loaded; else like the other.</summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="manifest">The manifest.</param>
    /// <param name="configure">Registers engines and annotators.</param>
    /// <returns>The builder.</returns>
    public static IGovernanceBuilder AddAcs(this IGovernanceBuilder builder, AcsManifest manifest, Action<AcsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return Add(builder, _ => manifest, configure);
    }

    private static IGovernanceBuilder Add(IGovernanceBuilder builder, Func<AcsOptions, AcsManifest> load, Action<AcsOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new AcsOptions();
        configure?.Invoke(options);
        var registration = new AcsRegistration(options, load);
        int others = builder.Services.Count(service => service.ServiceType == typeof(AcsRegistration));
        string name = others == 0 ? "acs" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"acs-{others + 1}");
        builder.Services.AddSingleton(registration);
        builder.Services.AddSingleton<IInterceptor>(provider =>
        {
            options.Runtime.TimeProvider ??= provider.GetService<TimeProvider>();
            return new AcsInterceptor(new AcsRuntime(registration.Manifest, options.Runtime), options, name);
        });
        if (!builder.Services.Any(service => service.ServiceType == typeof(IPolicySource)))
        {
            // AddPolicy takes this away again: its set is what sessions then keep.
            builder.Services.AddSingleton<IPolicySource, AcsPolicySource>();
        }

        return builder;
    }
}
