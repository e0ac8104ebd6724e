using System.Text.Json;
using Agt.Adapters.ExtensionsAI.Streaming;
using CsCheck;

namespace Agt.Adapters.ExtensionsAI.Tests;

public sealed class StreamAssemblyTests
{
    private static readonly Gen<string?> Id = Pick<string?>(null, null, "a", "a", "b", "");

    private static readonly Gen<AIContent[]> Contents = Gen.OneOf(
        Gen.String[0, 4].Select(text => new AIContent[] { new TextContent(text) }),
        Gen.String[0, 4].Select(text => new AIContent[] { new TextContent(text) }),
        Gen.String[0, 4].Select(text => new AIContent[] { new TextContent(text) { AdditionalProperties = new() { ["p"] = text } } }),
        Gen.String[0, 4].Select(text => new AIContent[] { new TextContent(text) { Annotations = [new CitationAnnotation { Title = text }] } }),
        Gen.Select(Gen.String[0, 4], Gen.String[0, 4]).Select((a, b) => new AIContent[] { new TextContent(a), new TextContent(b) }),
        Gen.String[0, 4].Select(text => new AIContent[] { new TextReasoningContent(text) }),
        Gen.Const(new AIContent[] { new UsageContent(new UsageDetails { TotalTokenCount = 3 }) }),
        Gen.Const(new AIContent[] { new FunctionCallContent("c", "f") }),
        Gen.Const(Array.Empty<AIContent>()));

    private static readonly Gen<ChatResponseUpdate[]> Streams = Gen.Select(
        Gen.Select(Contents, Pick<ChatRole?>(null, ChatRole.Assistant, ChatRole.Assistant, ChatRole.Tool), Id, Id),
        Gen.Select(Id, Id, Id),
        Gen.Select(Gen.Int[0, 9], Pick<ChatFinishReason?>(null, null, null, ChatFinishReason.Stop), Gen.Int[0, 9])).Select((a, b, c) => new ChatResponseUpdate(a.Item2, a.Item1)
        {
            MessageId = a.Item3,
            AuthorName = a.Item4,
            ResponseId = b.Item1,
            ModelId = b.Item2,
            ConversationId = b.Item3,
            CreatedAt = c.Item1 > 2 ? null : DateTimeOffset.UnixEpoch.AddDays(c.Item1),
            FinishReason = c.Item2,
            AdditionalProperties = c.Item3 > 0 ? null : new() { ["k"] = "v" },
        }).Array[0, 12];

    [Fact]
    [Requirement("ADP-130", "ADP-138")]
    public void A_stream_put_together_as_it_comes_is_the_response_that_the_framework_makes_of_it()
    {
        Streams.Sample(
            updates =>
            {
                string expected = JsonSerializer.Serialize(updates.Select(update => update.Clone()).ToChatResponse(), AIJsonUtilities.DefaultOptions);
                var assembly = new StreamAssembly();
                foreach (ChatResponseUpdate update in updates)
                {
                    assembly.Add(update, StreamAssembly.PlainText(update));
                }

                string before = JsonSerializer.Serialize(updates, AIJsonUtilities.DefaultOptions);
                string made = JsonSerializer.Serialize(assembly.Build(), AIJsonUtilities.DefaultOptions);

                Assert.Equal(expected, made);
                Assert.Equal(before, JsonSerializer.Serialize(updates, AIJsonUtilities.DefaultOptions));
            },
            iter: 20_000);
    }

    private static Gen<T> Pick<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
