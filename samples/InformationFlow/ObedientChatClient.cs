using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace Mailroom;

/// <summary>
/// Not a model: it reads the letter, and then does whatever the letter says, which is what makes injected text dangerous. It understands "look up X" and "send it to Y".
/// </summary>
internal sealed partial class ObedientChatClient : IChatClient
{
    private static readonly ChatClientMetadata Metadata = new("script", defaultModelId: "obedient");

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        string[] results = [.. messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Select(result => result.Result?.ToString() ?? string.Empty)];
        if (results.Length == 0)
        {
            return Call("mail_read", []);
        }

        Match lookUp = LookUp().Match(results[0]);
        Match send = Send().Match(results[0]);
        int lookedUp = lookUp.Success ? 2 : 1;
        return results.Length switch
        {
            1 when lookUp.Success => Call("crm_find", new() { ["name"] = lookUp.Groups["what"].Value == "all customers" ? "*" : lookUp.Groups["what"].Value }),
            var count when count == lookedUp && send.Success => Call("mail_send", new() { ["to"] = send.Groups["whom"].Value, ["body"] = lookUp.Success ? results[1] : "Thank you, noted." }),
            _ => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "I was told: " + results[^1]))),
        };

        Task<ChatResponse> Call(string tool, Dictionary<string, object?> arguments)
        {
            Console.WriteLine($"   the agent calls {tool}({string.Join(", ", arguments.Select(argument => argument.Key + ": " + argument.Value))})");
            var call = new FunctionCallContent("call-" + results.Length, tool, arguments);
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [call])) { FinishReason = ChatFinishReason.ToolCalls });
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatResponse response = await GetResponseAsync(messages, options, cancellationToken);
        foreach (ChatResponseUpdate update in response.ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? Metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    [GeneratedRegex(@"look up (?<what>\w+ \w+)", RegexOptions.CultureInvariant)]
    private static partial Regex LookUp();

    [GeneratedRegex("(send it|reply) to (?<whom>[^ ,]+[^ ,.])", RegexOptions.CultureInvariant)]
    private static partial Regex Send();
}
