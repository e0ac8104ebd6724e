using Microsoft.Extensions.DependencyInjection;

namespace Agt;

internal sealed class GovernanceBuilder(IServiceCollection services) : IGovernanceBuilder
{
    public IServiceCollection Services { get; } = services;
}
