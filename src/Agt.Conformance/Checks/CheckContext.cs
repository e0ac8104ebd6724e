namespace Agt.Conformance;

/// <summary>What a check works with.</summary>
/// <param name="Make">Makes a fixture.</param>
internal sealed record CheckContext(Func<IAdapterFixture> Make)
{
    internal Task<CheckHost> StartAsync(params IInterceptor[] interceptors) => CheckHost.StartAsync(Make, interceptors);
}
