using Agt.Conformance.Tests.Toy;

namespace Agt.Conformance.Tests.Broken;

/// <summary>The toy framework with a broken adapter.</summary>
public sealed class BrokenFixture(Func<ConformanceSetup, Principal, IToyMiddleware> make) : ToyFixture
{
    protected override IToyMiddleware Govern(ConformanceSetup setup) => make(setup, Principal);
}
