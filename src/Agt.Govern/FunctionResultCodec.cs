using Agt.Values;

namespace Agt;

/// <summary>Freezes what functions return, and puts a changed scalar back in its type. What has no such way back is withheld.</summary>
internal sealed class FunctionResultCodec(PayloadConverter? converter) : ResultCodec
{
    public override GovernedValue Capture(object? result, ValueArena arena)
    {
        arena.BeginList();
        arena.WriteObject(result, converter);
        return arena.End()[0];
    }

    public override object? Replace(object? original, GovernedValue value) => original switch
    {
        string when value.AsString() is { } text => text,
        bool when value.TryGetBoolean(out bool flag) => flag,
        long when value.TryGetInt64(out long number) => number,
        int when value.TryGetInt64(out long number) && number is >= int.MinValue and <= int.MaxValue => (int)number,
        double when value.TryGetDouble(out double number) => number,
        GovernedValue => value.Detach(),
        _ => throw new PayloadException(ReasonCodes.TransformInvalid, "A changed result no longer fits its type."),
    };
}
