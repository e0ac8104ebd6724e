using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Streaming;

/// <summary>
/// Puts the updates of a stream together while they come. Updates in a row that bring nothing but text of the same message are joined first, so that the framework, which makes the response,
/// sees one of them: the response is the same, and a long reply costs a fraction. Not thread-safe.
/// </summary>
internal sealed class StreamAssembly
{
    private readonly List<ChatResponseUpdate> _joined = [];
    private char[] _text = [];
    private int _length;
    private ChatResponseUpdate? _first;
    private string? _role;
    private TextContent? _firstText;

    /// <summary>Takes the next update.</summary>
    /// <param name="update">The update.</param>
    /// <param name="text">Its only content, if it brings plain text; else null.</param>
    internal void Add(ChatResponseUpdate update, TextContent? text)
    {
        if (text is null)
        {
            EndRun();
            _joined.Add(update);
        }
        else if (_first is { } first && Continues(first, update))
        {
            Append(text.Text);
        }
        else
        {
            EndRun();
            (_first, _firstText, _role) = (update, text, update.Role?.Value);
            Append(text.Text);
        }
    }

    /// <summary>The response that all updates make.</summary>
    internal ChatResponse Build()
    {
        EndRun();
        return _joined.ToChatResponse();
    }

    /// <summary>The only content of an update, if it is text without annotations; else null.</summary>
    internal static TextContent? PlainText(ChatResponseUpdate update)
    {
        IList<AIContent> contents = update.Contents;
        AIContent? only = contents is List<AIContent> list ? (list.Count == 1 ? list[0] : null) : contents.Count == 1 ? contents[0] : null;
        return only is not null && only.GetType() == typeof(TextContent) && only.Annotations is not { Count: > 0 } ? (TextContent)only : null;
    }

    /// <summary>Whether an update says nothing that the first one of its run did not say, but for the text.</summary>
    private bool Continues(ChatResponseUpdate first, ChatResponseUpdate next) =>
        next.FinishReason is null &&
        next.AdditionalProperties is null &&
        Repeats(_role, next.Role?.Value) &&
        Repeats(first.MessageId, next.MessageId) &&
        Repeats(first.ResponseId, next.ResponseId) &&
        Repeats(first.AuthorName, next.AuthorName) &&
        Repeats(first.ModelId, next.ModelId) &&
        Repeats(first.ConversationId, next.ConversationId) &&
        (next.CreatedAt is not { } at || at == first.CreatedAt);

    private static bool Repeats(string? first, string? next) => next is null || ReferenceEquals(first, next) || string.Equals(first, next, StringComparison.Ordinal);

    private void Append(string text)
    {
        if (text.Length > _text.Length - _length)
        {
            Array.Resize(ref _text, Math.Max(Math.Max(256, _length + text.Length), (int)Math.Min(2L * _text.Length, Array.MaxLength)));
        }

        text.CopyTo(_text.AsSpan(_length));
        _length += text.Length;
    }

    private void EndRun()
    {
        if (_first is not { } first)
        {
            return;
        }

        TextContent start = _firstText!;
        if (_length > start.Text.Length)
        {
            first = first.Clone();
            first.Contents = [new TextContent(new string(_text, 0, _length)) { AdditionalProperties = start.AdditionalProperties }];
        }

        _joined.Add(first);
        (_first, _length) = (null, 0);
    }
}
