using System.Text.Json;
using Agt.Values;

namespace Agt.Adapters.SemanticKernel.Functions;

/// <summary>
/// A declared parameter. Semantic Kernel passes what a model sends as text and converts it to the parameter's type only when the function runs;
/// policies are to see a number as a number, so the text is read here by the same type.
/// </summary>
internal sealed class FunctionParameter
{
    private readonly Shape _shape;

    internal FunctionParameter(string name, Type type)
    {
        Name = name;
        Type = type;
        _shape = ShapeOf(Nullable.GetUnderlyingType(type) ?? type);
    }

    private enum Shape
    {
        Text,
        Member,
        Number,
        Boolean,
        Structure,
    }

    internal string Name { get; }

    /// <summary>Its type; object when it declares none.</summary>
    internal Type Type { get; }

    /// <summary>Whether text for this parameter is text and nothing else.</summary>
    internal bool TakesText => _shape == Shape.Text;

    /// <summary>Writes text as what it means for the type.</summary>
    /// <exception cref="PayloadException">It is no number or boolean, or JSON that is ambiguous.</exception>
    internal void WriteText(ValueArena arena, string text)
    {
        switch (_shape)
        {
            case Shape.Number:
                arena.Write(GovernedValue.FromNumberText(text), text);
                break;
            case Shape.Boolean:
                arena.Write(
                    string.Equals(text, "true", StringComparison.OrdinalIgnoreCase) ? GovernedValue.From(true)
                    : string.Equals(text, "false", StringComparison.OrdinalIgnoreCase) ? GovernedValue.From(false)
                    : throw new PayloadException(ReasonCodes.RequestInvalid, "An argument is no boolean."),
                    text);
                break;
            case Shape.Member:
                // The kernel reads members in any case and by number; a policy names them as they are declared.
                arena.Write(
                    Enum.TryParse(Nullable.GetUnderlyingType(Type) ?? Type, text, ignoreCase: true, out object? member)
                        ? GovernedValue.From(member.ToString())
                        : throw new PayloadException(ReasonCodes.RequestInvalid, "An argument is no member of its enumeration."),
                    text);
                break;
            case Shape.Structure when text.AsSpan().TrimStart() is ['{' or '[', ..]:
                arena.WriteObject(Parse(text));
                break;
            default:
                arena.WriteObject(text);
                break;
        }
    }

    private static JsonElement Parse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException exception)
        {
            throw new PayloadException(ReasonCodes.RequestInvalid, "An argument is not valid JSON.", exception);
        }
    }

    private static Shape ShapeOf(Type type)
    {
        if (type.IsEnum)
        {
            return Shape.Member;
        }

        switch (Type.GetTypeCode(type))
        {
            case TypeCode.Boolean:
                return Shape.Boolean;
            case TypeCode.SByte or TypeCode.Byte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Int32 or TypeCode.UInt32 or TypeCode.Int64 or TypeCode.UInt64
                or TypeCode.Single or TypeCode.Double or TypeCode.Decimal:
                return Shape.Number;
            default:
                return type == typeof(string) || type == typeof(object) || type.IsPrimitive || type == typeof(Uri) || type == typeof(Guid) || type == typeof(TimeSpan)
                    || type == typeof(DateTime) || type == typeof(DateTimeOffset) || type == typeof(DateOnly) || type == typeof(TimeOnly)
                    ? Shape.Text : Shape.Structure;
        }
    }
}
