using Agt.Values;

namespace Agt.Conformance.Tests.Toy;

/// <summary>The toy framework's objects to frozen values and back.</summary>
internal static class ToyValues
{
    internal static ResultCodec Text { get; } = new Codec<string>((text, _) => GovernedValue.From(text), (_, value) => value.AsString() ?? CanonicalJson.ToString(value));

    internal static ResultCodec Reply { get; } = new Codec<ToyReply>(
        (reply, arena) =>
        {
            arena.BeginMap();
            arena.Name("text");
            arena.Write(GovernedValue.From(reply.Text));
            arena.Name("calls");
            arena.BeginList();
            foreach (ToyCall call in reply.Calls)
            {
                arena.BeginMap();
                arena.Name("tool");
                arena.Write(GovernedValue.From(call.Function.Name));
                arena.Name("args");
                arena.WriteObject(call.Arguments);
                arena.End();
            }

            arena.End();
            return arena.End();
        },
        (reply, value) => reply with { Text = value.TryGetMember("text", out GovernedValue text) ? text.AsString() ?? string.Empty : throw Unfit() });

    internal static ResultCodec Pieces { get; } = new Codec<List<string>>((pieces, _) => GovernedValue.From(string.Concat(pieces)), (_, value) => [value.AsString() ?? throw Unfit()]);

    internal static GovernedValue Write(ValueArena arena, IReadOnlyList<ToyMessage> messages)
    {
        arena.BeginMap();
        arena.Name("messages");
        arena.BeginList();
        foreach (ToyMessage message in messages)
        {
            arena.BeginMap();
            arena.Name("role");
            arena.Write(GovernedValue.From(message.Role));
            arena.Name("text");
            arena.Write(GovernedValue.From(message.Text));
            arena.End();
        }

        arena.End();
        return arena.End();
    }

    internal static GovernedValue Write(ValueArena arena, IReadOnlyDictionary<string, object?> arguments)
    {
        arena.BeginMap();
        foreach ((string name, object? value) in arguments)
        {
            arena.Name(name);
            arena.WriteObject(value);
        }

        return arena.End();
    }

    /// <summary>The messages with the texts that were decided on. Their number cannot change.</summary>
    internal static IReadOnlyList<ToyMessage> Messages(GovernedValue payload, IReadOnlyList<ToyMessage> messages) =>
        payload.TryGetMember("messages", out GovernedValue list) && list.Count == messages.Count
            ? [.. messages.Select((message, i) => message with { Text = list[i].TryGetMember("text", out GovernedValue text) ? text.AsString() ?? throw Unfit() : throw Unfit() })]
            : throw Unfit();

    /// <summary>The arguments that were decided on, as the function takes them.</summary>
    internal static IReadOnlyDictionary<string, object?> Arguments(GovernedValue payload, ToyFunction function)
    {
        var arguments = new Dictionary<string, object?>();
        for (int i = 0; i < payload.Count; i++)
        {
            ValueMember member = payload.MemberAt(i);
            object? value = Plain(member.Value);
            if (value is not null && function.Parameters.TryGetValue(member.Name, out Type? type) && !type.IsInstanceOfType(value))
            {
                throw Unfit();
            }

            arguments[member.Name] = value;
        }

        return arguments;
    }

    private static object? Plain(GovernedValue value) => value.Kind switch
    {
        ValueKind.Null => null,
        ValueKind.String => value.AsString(),
        ValueKind.Boolean => value.TryGetBoolean(out bool flag) && flag,
        ValueKind.Map => Enumerable.Range(0, value.Count).Select(i => value.MemberAt(i)).ToDictionary(member => member.Name, member => Plain(member.Value)),
        ValueKind.List => Enumerable.Range(0, value.Count).Select(i => Plain(value[i])).ToList(),
        _ => value.TryGetInt64(out long whole) ? (object)whole : value.TryGetDouble(out double real) ? real : throw Unfit(),
    };

    private static PayloadException Unfit() => new(ReasonCodes.TransformInvalid, "The framework cannot take what the transform made.");

    private sealed class Codec<T>(Func<T, ValueArena, GovernedValue> capture, Func<T, GovernedValue, T> replace) : ResultCodec
    {
        public override GovernedValue Capture(object? result, ValueArena arena) => capture((T)result!, arena);

        public override object? Replace(object? original, GovernedValue value) => replace((T)original!, value);
    }
}
