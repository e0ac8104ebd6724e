using Agt.Conformance.Tests.Real;

namespace Agt.Conformance.Tests;

public sealed class SemanticKernelConformance : AdapterConformance<SemanticKernelFixture>;

public sealed class ExtensionsAIConformance : AdapterConformance<ExtensionsAIFixture>;
