using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Agt.Adapters.ExtensionsAI.Values;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Functions;

/// <summary>Freezes the arguments of one function, and makes sure that it runs from what was frozen. Thread-safe.</summary>
internal sealed class ArgumentBinder
{
    private readonly ObjectFreezer _freezer;
    private readonly ParameterReader _reader;
    private readonly Dictionary<string, Type> _types = new(StringComparer.Ordinal);
    private readonly string[] _declared;
    private readonly SchemaTypes _schema;

    internal ArgumentBinder(AIFunction function, ObjectFreezer freezer)
    {
        _freezer = freezer;
        _reader = new ParameterReader(freezer);
        foreach (ParameterInfo parameter in function.UnderlyingMethod?.GetParameters() ?? [])
        {
            if (parameter.Name is { } name && !parameter.ParameterType.IsByRef && !parameter.ParameterType.IsByRefLike)
            {
                _types[name] = parameter.ParameterType;
            }
        }

        _schema = new SchemaTypes(function.JsonSchema);
        _declared = function.JsonSchema.ValueKind == JsonValueKind.Object && function.JsonSchema.TryGetProperty("properties", out JsonElement properties) &&
            properties.ValueKind == JsonValueKind.Object
            ? [.. properties.EnumerateObject().Select(property => property.Name).Union(_types.Keys, StringComparer.Ordinal)]
            : [.. _types.Keys];
    }

    /// <exception cref="PayloadException">The arguments cannot be frozen. The caller's dictionary may throw anything else.</exception>
    internal GovernedValue Freeze(AIFunctionArguments arguments, ValueArena arena)
    {
        arena.BeginMap();
        foreach (KeyValuePair<string, object?> argument in arguments)
        {
            string name = Array.IndexOf(_declared, argument.Key) >= 0 ? argument.Key : DeclaredName(argument.Key, arguments);
            arena.Name(name);
            arena.WriteObject(_types.TryGetValue(name, out Type? type) ? _reader.Read(argument.Value, type) : argument.Value, _freezer.Converter);
        }

        return arena.End(uniqueNames: true);
    }

    /// <summary>The caller's own arguments if they still are what was decided on, else new ones made of the frozen values.</summary>
    /// <exception cref="Refusal">A value cannot become what the function expects.</exception>
    internal AIFunctionArguments Bind(GovernedValue payload, bool changed, AIFunctionArguments live)
    {
        if (!changed && IsSame(payload, live))
        {
            return live;
        }

        try
        {
            return Rebuild(payload, live);
        }
        catch (PayloadException exception)
        {
            throw new Refusal(changed ? ReasonCodes.TransformInvalid : ReasonCodes.PayloadUnsupported, exception);
        }
    }

    /// <summary>
    /// The name under which an argument reaches the function. A dictionary that ignores case hands <c>PATH</c> over as <c>path</c>, so a policy has to see it as <c>path</c> too.
    /// </summary>
    private string DeclaredName(string name, AIFunctionArguments arguments)
    {
        foreach (string declared in _declared)
        {
            if (string.Equals(declared, name, StringComparison.OrdinalIgnoreCase) && arguments.ContainsKey(declared) && !arguments.Keys.Contains(declared, StringComparer.Ordinal))
            {
                return declared;
            }
        }

        return name;
    }

    private static bool IsSame(GovernedValue payload, AIFunctionArguments live)
    {
        if (payload.Count != live.Count)
        {
            return false;
        }

        int i = 0;
        foreach (KeyValuePair<string, object?> argument in live)
        {
            ValueMember member = payload.MemberAt(i++);
            if (!ReferenceEquals(member.Name, argument.Key) || !IsSame(in member, argument.Value))
            {
                return false;
            }
        }

        return i == payload.Count;
    }

    /// <summary>Whether a live value is the very immutable object that was frozen. Equal is not enough: what is mutable may change while the function runs.</summary>
    private static bool IsSame(in ValueMember member, object? live) => member.Source switch
    {
        null => live switch
        {
            null => member.Value.Kind == ValueKind.Null,
            string text => member.Value.Kind == ValueKind.String && ReferenceEquals(member.Value.AsString(), text),
            _ => false,
        },
        JsonElement frozen => live is JsonElement element && IsSame(frozen, element),
        object source => ReferenceEquals(source, live),
    };

    private static bool IsSame(JsonElement left, JsonElement right)
    {
        if (left.ValueKind != right.ValueKind)
        {
            return false;
        }

        ReadOnlySpan<byte> one = JsonMarshal.GetRawUtf8Value(left);
        ReadOnlySpan<byte> two = JsonMarshal.GetRawUtf8Value(right);
        return one.Length == two.Length && Unsafe.AreSame(ref MemoryMarshal.GetReference(one), ref MemoryMarshal.GetReference(two));
    }

    private AIFunctionArguments Rebuild(GovernedValue payload, AIFunctionArguments live)
    {
        var rebuilt = new AIFunctionArguments { Services = live.Services, Context = live.Context };
        for (int i = 0; i < payload.Count; i++)
        {
            ValueMember member = payload.MemberAt(i);
            live.TryGetValue(member.Name, out object? original);
            rebuilt[member.Name] = member.Source ?? Make(in member, original);
        }

        return rebuilt;
    }

    private object? Make(in ValueMember member, object? original)
    {
        GovernedValue value = member.Value;
        Type? type = _types.GetValueOrDefault(member.Name);
        if (value.IsAbsentOrNull)
        {
            return null;
        }

        if (type is not null && type != typeof(object))
        {
            return type == typeof(string) && value.Kind == ValueKind.String ? value.AsString() : ValueJson.ToType(value, type, _freezer.Options);
        }

        if (type is null && !_schema.Allow(member.Name, value))
        {
            throw new PayloadException(ReasonCodes.TransformInvalid, "An argument is of another type than the function's schema says.");
        }

        switch (original)
        {
            case null or string or IDictionary<string, object?> or IReadOnlyDictionary<string, object?> or IList<object?>:
                return ValueJson.ToNatural(value);
            case JsonElement:
                return ValueJson.ToElement(value);
            case IEnumerable and not byte[]:
                return TryToType(value, original.GetType()) ?? ValueJson.ToNatural(value);
            default:
                return ValueJson.ToType(value, original.GetType(), _freezer.Options);
        }
    }

    /// <summary>An enumerable may be of a type that only its maker can make; a list of the same items serves as well.</summary>
    private object? TryToType(GovernedValue value, Type type)
    {
        try
        {
            return ValueJson.ToType(value, type, _freezer.Options);
        }
        catch (PayloadException)
        {
            return null;
        }
    }
}
