using System.Runtime.CompilerServices;
using System.Text.Json;
using Agt.Adapters;

namespace Agt.Conformance.Tests.Toy;

/// <summary>How to build and drive the toy framework.</summary>
public class ToyFixture : IAdapterFixture
{
    private static readonly JsonSerializerOptions Deep = new() { MaxDepth = 256 };
    private ToyAgent _agent = null!;

    public AdapterDescriptor Descriptor => ToyGovernance.Descriptor;

    public Principal Principal { get; } = new(AgentId.Parse("toy-agent"));

    public IReadOnlyList<string> SpellingsOf(string tool) => [tool, tool.Replace('_', '-'), tool.ToUpperInvariant()];

    public ValueTask StartAsync(ConformanceSetup setup, CancellationToken cancellationToken)
    {
        ToyFunction[] functions = [.. setup.Probes.Tools.Select(tool => new ToyFunction(
            tool.Name,
            new Dictionary<string, Type> { ["path"] = typeof(string), ["count"] = typeof(long), ["flag"] = typeof(bool), ["note"] = typeof(string) },
            (arguments, token) => tool.RunAsync(arguments, token).AsTask()))];
        _agent = new ToyAgent(
            functions,
            async (messages, token) => Reply(await setup.Probes.Model.AnswerAsync(Sent(messages), token)),
            (messages, calls, token) => StreamAsync(setup.Probes.Model, messages, calls, token),
            Govern(setup));
        return default;
    }

    public ValueTask<DriveResult> CallToolAsync(ToolDrive drive, CancellationToken cancellationToken) =>
        DriveResult.OfAsync(async () => await _agent.CallAsync(drive.Tool, Arguments(drive.Arguments), cancellationToken));

    public ValueTask<DriveResult> RunTurnAsync(TurnDrive drive, CancellationToken cancellationToken) =>
        DriveResult.OfAsync(async () => await _agent.AskAsync(drive.Prompt, cancellationToken));

    public IAsyncEnumerable<string> StreamTurnAsync(TurnDrive drive, CancellationToken cancellationToken) => _agent.StreamAsync(drive.Prompt, cancellationToken);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }

    /// <summary>The adapter.</summary>
    protected virtual IToyMiddleware Govern(ConformanceSetup setup) => new ToyGovernance(setup.Governance, Principal, setup.TerminateOnDeny);

    private static Dictionary<string, object?> Arguments(string json) => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json, Deep)!.ToDictionary(pair => pair.Key, pair => (object?)pair.Value);

    private static IReadOnlyList<ModelMessage> Sent(IReadOnlyList<ToyMessage> messages) => [.. messages.Select(message => new ModelMessage(message.Role, message.Text, message.CallId))];

    private ToyCall Call(ModelCall call) => new(call.Id, call.Tool, _agent.Find(call.Tool), Arguments(call.Arguments));

    private ToyReply Reply(ModelReply reply) => new(reply.Text, [.. reply.Calls.Select(Call)], reply.TotalTokens);

    private async IAsyncEnumerable<string> StreamAsync(ProbeModel model, IReadOnlyList<ToyMessage> messages, List<ToyCall> calls, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (ModelPiece piece in model.StreamAsync(Sent(messages), cancellationToken))
        {
            if (piece.Call is { } call)
            {
                calls.Add(Call(call));
            }
            else
            {
                yield return piece.Text;
            }
        }
    }
}
