using Agt.Adapters.SemanticKernel.Chat;
using Agt.Adapters.SemanticKernel.Streaming;
using Agt.Values;
using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Functions;

/// <summary>A function's result to a frozen value and back, with its metadata.</summary>
internal sealed class FunctionResultCodec(FrozenJson json) : ResultCodec
{
    public override GovernedValue Capture(object? result, ValueArena arena) => (result as FunctionResult)?.GetValue<object>() switch
    {
        null => GovernedValue.Null,
        string text => GovernedValue.From(text),
        ChatMessageContent message => MessageMapper.CaptureReply(message, arena, json),
        TextContent text => GovernedValue.From(text.Text),
        IBufferedStream stream => stream.Capture(arena, json),
        KernelContent content => throw new PayloadException(ReasonCodes.PayloadUnsupported, $"A result of type {content.GetType().Name} cannot be frozen."),
        object value => CaptureObject(value, arena),
    };

    public override object? Replace(object? original, GovernedValue value)
    {
        var result = (FunctionResult)original!;
        object? replaced = result.GetValue<object>() switch
        {
            null => json.Natural(value),
            ChatMessageContent message => MessageMapper.ReplaceReply(message, value, json),
            TextContent text => new TextContent(TextOf(value), text.ModelId, null, text.Encoding, text.Metadata) { MimeType = text.MimeType },
            IBufferedStream stream => stream.Replace(value),
            object old => json.Build(value, old.GetType()),
        };
        return new FunctionResult(result, replaced);
    }

    internal static string TextOf(GovernedValue value) =>
        value.AsString() ?? throw new PayloadException(ReasonCodes.TransformInvalid, "A text result was transformed into something else.");

    private GovernedValue CaptureObject(object value, ValueArena arena)
    {
        arena.BeginList();
        arena.WriteObject(value, json.Converter);
        return arena.End(uniqueNames: true)[0];
    }
}
