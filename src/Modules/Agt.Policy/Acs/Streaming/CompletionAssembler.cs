using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text;
using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>Puts the events of a streamed chat completion together, and refuses what a whole completion would not show: several choices, unknown fields, anything after the end.</summary>
internal sealed class CompletionAssembler
{
    private static readonly string[] ChunkMembers = ["id", "object", "created", "model", "choices", "usage", "system_fingerprint", "service_tier", "obfuscation"];
    private static readonly string[] ChoiceMembers = ["index", "delta", "finish_reason"];
    private static readonly string[] DeltaMembers = ["role", "content", "tool_calls"];
    private static readonly string[] CallMembers = ["index", "id", "type", "function"];
    private static readonly string[] FunctionMembers = ["name", "arguments"];

    private readonly StringBuilder _content = new();
    private readonly SortedDictionary<long, Call> _calls = [];
    private GovernedValue _first;
    private GovernedValue _finish = GovernedValue.Null;
    private bool _hasChoice;

    internal static GovernedValue Assemble(byte[] utf8, AcsStreamLimits limits)
    {
        var assembler = new CompletionAssembler();
        int events = 0;
        bool done = false;

        // A last event without its blank line is still one: what a lax client would take must be judged.
        using var stream = new MemoryStream([.. utf8, (byte)'\n', (byte)'\n']);
        foreach (SseItem<string> item in SseParser.Create(stream, static (_, data) => Encoding.UTF8.GetString(data)).Enumerate())
        {
            if (++events > limits.MaxEvents)
            {
                throw Unsupported($"The stream has more than {limits.MaxEvents} events.");
            }

            if (done)
            {
                throw Unsupported("The stream goes on after its end.");
            }

            done = item.Data.AsSpan().Trim() is "[DONE]";
            if (!done)
            {
                assembler.Add(Parse(item.Data));
            }
        }

        return done ? assembler.ToResponse() : throw Unsupported("The stream breaks off before its end.");
    }

    private static GovernedValue Parse(string data)
    {
        try
        {
            return GovernedValue.FromJson(data, AcsValues.Wide) is { Kind: ValueKind.Map } chunk ? chunk : throw Unsupported("An event of the stream is no object.");
        }
        catch (PayloadException exception)
        {
            throw new AcsException(AcsReasons.StreamingUnsupported, "An event of the stream is no JSON.", exception);
        }
    }

    private void Add(GovernedValue chunk)
    {
        RefuseUnknown(chunk, ChunkMembers, "An event");
        if (_first.IsAbsent)
        {
            _first = chunk;
        }

        GovernedValue choices = Member(chunk, "choices");
        if (choices.IsAbsentOrNull || (choices.Kind == ValueKind.List && choices.Count == 0))
        {
            return;
        }

        if (choices.Kind != ValueKind.List || choices.Count > 1 || choices[0].Kind != ValueKind.Map)
        {
            throw Unsupported("Only streams of one choice are guarded.");
        }

        GovernedValue choice = choices[0];
        if (choice.TryGetMember("index", out GovernedValue index) && !(index.TryGetInt64(out long which) && which == 0))
        {
            throw Unsupported("Only streams of one choice are guarded.");
        }

        RefuseUnknown(choice, ChoiceMembers, "A choice");
        _hasChoice = true;
        AddDelta(Member(choice, "delta"));
        GovernedValue finish = Member(choice, "finish_reason");
        if (!finish.IsAbsentOrNull)
        {
            _finish = finish.Kind == ValueKind.String ? finish : throw Unsupported("A finish_reason is no text.");
        }
    }

    private void AddDelta(GovernedValue delta)
    {
        if (delta.IsAbsentOrNull)
        {
            return;
        }

        if (delta.Kind != ValueKind.Map)
        {
            throw Unsupported("A delta is no object.");
        }

        RefuseUnknown(delta, DeltaMembers, "A delta");
        GovernedValue role = Member(delta, "role");
        if (!role.IsAbsentOrNull && role.AsString() is not "assistant")
        {
            throw Unsupported("A delta speaks for somebody else than the assistant.");
        }

        GovernedValue content = Member(delta, "content");
        if (!content.IsAbsentOrNull)
        {
            _content.Append(content.AsString() ?? throw Unsupported("The content of a delta is no text."));
        }

        GovernedValue calls = Member(delta, "tool_calls");
        if (!calls.IsAbsentOrNull && calls.Kind != ValueKind.List)
        {
            throw Unsupported("The tool_calls of a delta are no list.");
        }

        for (int i = 0; i < calls.Count; i++)
        {
            AddCall(calls[i]);
        }
    }

    private void AddCall(GovernedValue fragment)
    {
        if (fragment.Kind != ValueKind.Map || !Member(fragment, "index").TryGetInt64(out long index))
        {
            throw Unsupported("A part of a tool call does not say by a whole number to which call it belongs.");
        }

        RefuseUnknown(fragment, CallMembers, "A tool call");
        if (!_calls.TryGetValue(index, out Call? call))
        {
            _calls[index] = call = new Call();
        }

        call.Id ??= Text(fragment, "id");
        call.Type ??= Text(fragment, "type");
        GovernedValue function = Member(fragment, "function");
        if (function.IsAbsentOrNull)
        {
            return;
        }

        if (function.Kind != ValueKind.Map)
        {
            throw Unsupported("The function of a tool call is no object.");
        }

        RefuseUnknown(function, FunctionMembers, "A function");
        call.Name.Append(Text(function, "name"));
        call.Arguments.Append(Text(function, "arguments"));
    }

    private GovernedValue ToResponse()
    {
        if (!_hasChoice)
        {
            throw Unsupported("The stream holds no choice.");
        }

        ValueArena arena = AcsValues.NewArena();
        arena.BeginMap();
        foreach (string name in CompletionWriter.Passed)
        {
            if (_first.TryGetMember(name, out GovernedValue value))
            {
                arena.Name(name);
                arena.Write(value);
            }
        }

        Write(arena, "object", GovernedValue.From("chat.completion"));
        arena.Name("choices");
        arena.BeginList();
        arena.BeginMap();
        Write(arena, "index", GovernedValue.From(0L));
        arena.Name("message");
        arena.BeginMap();
        Write(arena, "role", GovernedValue.From("assistant"));
        Write(arena, "content", GovernedValue.From(_content.ToString()));
        WriteCalls(arena);
        arena.End(uniqueNames: true);
        Write(arena, "finish_reason", _finish);
        arena.End(uniqueNames: true);
        arena.End();
        return arena.End(uniqueNames: true);
    }

    private void WriteCalls(ValueArena arena)
    {
        if (_calls.Count == 0)
        {
            return;
        }

        arena.Name("tool_calls");
        arena.BeginList();
        foreach (Call call in _calls.Values)
        {
            arena.BeginMap();
            Write(arena, "id", GovernedValue.From(call.Id));
            Write(arena, "type", GovernedValue.From(call.Type ?? "function"));
            arena.Name("function");
            arena.BeginMap();
            Write(arena, "name", GovernedValue.From(call.Name.ToString()));
            Write(arena, "arguments", GovernedValue.From(call.Arguments.ToString()));
            arena.End(uniqueNames: true);
            arena.End(uniqueNames: true);
        }

        arena.End();
    }

    private static void Write(ValueArena arena, string name, GovernedValue value)
    {
        arena.Name(name);
        arena.Write(value);
    }

    private static void RefuseUnknown(GovernedValue map, string[] known, string what)
    {
        for (int i = 0; i < map.Count; i++)
        {
            ValueMember member = map.MemberAt(i);
            if (!member.Value.IsAbsentOrNull && !known.Contains(member.Name))
            {
                throw Unsupported(string.Create(CultureInfo.InvariantCulture, $"{what} of the stream carries what a completion would not show."));
            }
        }
    }

    private static string? Text(GovernedValue map, string name)
    {
        GovernedValue value = Member(map, name);
        return value.IsAbsentOrNull ? null : value.AsString() ?? throw Unsupported($"The {name} of a tool call is no text.");
    }

    private static GovernedValue Member(GovernedValue map, string name) => map.TryGetMember(name, out GovernedValue value) ? value : default;

    private static AcsException Unsupported(string detail) => new(AcsReasons.StreamingUnsupported, detail);

    private sealed class Call
    {
        internal string? Id { get; set; }

        internal string? Type { get; set; }

        internal StringBuilder Name { get; } = new();

        internal StringBuilder Arguments { get; } = new();
    }
}
