using Agt.Conformance.Tests.Toy;

namespace Agt.Conformance.Tests;

public sealed class ToyConformance : AdapterConformance<ToyFixture>
{
    protected override ConformanceOptions Options => new() { Repeats = 5 };
}
