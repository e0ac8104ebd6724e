using Agt;
using Agt.Policy.Gates;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a gate of lists for tool calls.</summary>
public static class ToolGateGovernanceBuilderExtensions
{
    /// <summary>
    /// Adds a gate that decides on tool calls by lists, beside the policies of the host: whatever one of them denies is denied, and what the gate escalates waits for a person. On its own it
    /// needs <c>RequirePolicy = false</c> in the options of governance.
    /// </summary>
    /// <param name="builder">What <c>AddGovernance</c> returned.</param>
    /// <param name="configure">Fills the lists.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">A number is negative, or a pattern cannot be read.</exception>
    public static IGovernanceBuilder AddToolGate(this IGovernanceBuilder builder, Action<ToolGateOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new ToolGateOptions();
        configure(options);
        var gate = new ToolGateInterceptor(options);
        builder.Services.AddSingleton<IInterceptor>(_ => gate);
        return builder;
    }
}
