using System.Buffers;
using System.Text.Json;
using Agt.Values;

namespace Agt.Adapters.ExtensionsAI.Values;

/// <summary>Turns the host's own classes into bounded JSON, with one set of serializer options. Thread-safe.</summary>
internal sealed class ObjectFreezer
{
    private const int MaxBytes = 4 * 1_048_576;

    internal ObjectFreezer(JsonSerializerOptions options)
    {
        Options = options;
        Converter = Convert;
    }

    internal JsonSerializerOptions Options { get; }

    /// <summary>What the arena calls for objects it does not know.</summary>
    internal PayloadConverter Converter { get; }

    /// <summary>Freezes one object that is no member of anything.</summary>
    internal GovernedValue Freeze(object? value, ValueArena arena)
    {
        switch (value)
        {
            case null:
                return GovernedValue.Null;
            case string text:
                return GovernedValue.From(text);
            default:
                arena.BeginList();
                Write(value, arena);
                return arena.End(uniqueNames: true)[0];
        }
    }

    /// <summary>Freezes an object into the open container.</summary>
    /// <exception cref="PayloadException">It cannot be frozen, for whatever reason: what the host's getters and enumerators throw ends here.</exception>
    internal void Write(object? value, ValueArena arena)
    {
        try
        {
            arena.WriteObject(value, Converter);
        }
        catch (Exception exception) when (exception is not PayloadException)
        {
            throw new PayloadException(ReasonCodes.PayloadUnsupported, "A value could not be read.", exception);
        }
    }

    private ReadOnlyMemory<byte> Convert(object value)
    {
        if (value is Delegate or Type or Stream or System.Reflection.MemberInfo)
        {
            throw new PayloadException(ReasonCodes.PayloadUnsupported, "A value is no data.");
        }

        var output = new BoundedOutput(MaxBytes);
        using (var writer = new Utf8JsonWriter(output))
        {
            JsonSerializer.Serialize(writer, value, Options.GetTypeInfo(value.GetType()));
        }

        return output.Written;
    }

    /// <summary>A buffer that refuses to grow without end, since an object may enumerate without end.</summary>
    private sealed class BoundedOutput(int most) : IBufferWriter<byte>
    {
        private readonly ArrayBufferWriter<byte> _buffer = new();

        internal ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

        public void Advance(int count) => _buffer.Advance(count);

        public Memory<byte> GetMemory(int sizeHint = 0) => Room(sizeHint).GetMemory(sizeHint);

        public Span<byte> GetSpan(int sizeHint = 0) => Room(sizeHint).GetSpan(sizeHint);

        private ArrayBufferWriter<byte> Room(int sizeHint) => _buffer.WrittenCount + sizeHint > most
            ? throw new PayloadException(ReasonCodes.ResourceLimitExceeded, "A value is too large.")
            : _buffer;
    }
}
