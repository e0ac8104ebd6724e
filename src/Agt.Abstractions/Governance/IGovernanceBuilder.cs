using Microsoft.Extensions.DependencyInjection;

namespace Agt;

/// <summary>What <c>services.AddGovernance()</c> returns: every module adds itself to it by one extension method.</summary>
public interface IGovernanceBuilder
{
    /// <summary>The host's services.</summary>
    IServiceCollection Services { get; }
}
