using System.Text.Json;
using Agt.Adapters;

namespace Agt.Conformance.Tests.Docs;

/// <summary>How to build and drive the framework.</summary>
public sealed class ClerkFixture : IAdapterFixture
{
    private readonly Clerk _clerk = new();

    public AdapterDescriptor Descriptor => ClerkGovernance.Descriptor;

    public Principal Principal { get; } = new(AgentId.Parse("clerk"));

    public bool HasTypedTools => false;

    public ValueTask StartAsync(ConformanceSetup setup, CancellationToken cancellationToken)
    {
        foreach (ProbeTool tool in setup.Probes.Tools)
        {
            _clerk.Skills[tool.Name] = (arguments, token) => tool.RunAsync(arguments, token).AsTask();
        }

        new ClerkGovernance(setup.Governance, Principal).Attach(_clerk);
        return default;
    }

    public ValueTask<DriveResult> CallToolAsync(ToolDrive drive, CancellationToken cancellationToken) => DriveResult.OfAsync(async () =>
    {
        using var json = JsonDocument.Parse(drive.Arguments, new JsonDocumentOptions { MaxDepth = 256 });
        return await _clerk.DoAsync(drive.Tool, json.RootElement.EnumerateObject().ToDictionary(each => each.Name, each => (object?)each.Value), cancellationToken);
    });

    public ValueTask DisposeAsync() => default;
}

public sealed class ClerkConformance : AdapterConformance<ClerkFixture>;
