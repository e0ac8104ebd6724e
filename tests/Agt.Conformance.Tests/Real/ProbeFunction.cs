using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Agt.Conformance.Tests.Real;

/// <summary>A probe as a function of Microsoft.Extensions.AI.</summary>
internal sealed class ProbeFunction(ProbeTool tool) : AIFunction
{
    public override string Name => tool.Name;

    public override string Description => tool.Description;

    public override JsonElement JsonSchema { get; } = JsonDocument.Parse(ProbeTool.ParametersSchema).RootElement;

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => await tool.RunAsync(arguments, cancellationToken);
}
