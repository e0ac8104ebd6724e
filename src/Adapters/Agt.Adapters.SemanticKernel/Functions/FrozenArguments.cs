using System.Text.Json;
using Agt.Values;
using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Functions;

/// <summary>
/// Arguments to a frozen map and back. The kernel's arguments are shared and mutable, so they are frozen at entry, and what the function reads is written back from
/// the frozen map just before it runs.
/// </summary>
internal static class FrozenArguments
{
    /// <summary>Freezes arguments. Those that the function declares come first, under the names it declares.</summary>
    /// <param name="arguments">The arguments; null for none.</param>
    /// <param name="plan">What is known of the function.</param>
    /// <param name="arena">Where to write.</param>
    /// <param name="types">The types of values that have to be rebuilt; null when every value is a scalar.</param>
    /// <exception cref="PayloadException">A value cannot be frozen.</exception>
    internal static GovernedValue Freeze(KernelArguments? arguments, FunctionPlan plan, ValueArena arena, out Dictionary<string, Type>? types)
    {
        types = null;
        arena.BeginMap();
        if (arguments is { Count: > 0 })
        {
            int left = arguments.Count;
            foreach (FunctionParameter parameter in plan.Parameters)
            {
                if (arguments.TryGetValue(parameter.Name, out object? value))
                {
                    left--;
                    if (value is string text && !parameter.TakesText)
                    {
                        arena.Name(parameter.Name);
                        parameter.WriteText(arena, text);
                    }
                    else
                    {
                        Write(arena, plan, parameter.Name, value, ref types);
                    }
                }
            }

            if (left > 0)
            {
                foreach (KeyValuePair<string, object?> argument in arguments)
                {
                    if (plan.Find(argument.Key) is null)
                    {
                        Write(arena, plan, argument.Key, argument.Value, ref types);
                    }
                }
            }
        }

        return arena.End(uniqueNames: true);
    }

    /// <summary>Makes arguments say what the frozen map says: no other entries, no other values.</summary>
    /// <returns>What was there before, to be put back once the function has run; null when nothing had to change.</returns>
    /// <exception cref="RefusedException">A transformed value does not fit its parameter; nothing is changed then.</exception>
    internal static ArgumentsUndo? Restore(KernelArguments arguments, GovernedValue payload, FunctionPlan plan, Dictionary<string, Type>? types)
    {
        if (payload.Kind != ValueKind.Map)
        {
            throw new RefusedException(new PayloadException(ReasonCodes.TransformInvalid, "The arguments are no longer a map."));
        }

        ArgumentsUndo? undo = null;
        try
        {
            for (int i = 0; i < payload.Count; i++)
            {
                ValueMember member = payload.MemberAt(i);
                bool exists = arguments.TryGetValue(member.Name, out object? current);
                object? wanted = member.Source ?? Wanted(member, current, plan, types);
                if (!exists || !ReferenceEquals(current, wanted))
                {
                    undo ??= new ArgumentsUndo(arguments);
                    undo.Set(member.Name, wanted);
                }
            }

            if (arguments.Count > payload.Count)
            {
                undo ??= new ArgumentsUndo(arguments);
                foreach (string name in arguments.Names.ToArray())
                {
                    if (!Has(payload, name))
                    {
                        undo.Remove(name);
                    }
                }
            }

            return undo;
        }
        catch (PayloadException exception)
        {
            undo?.Revert();
            throw new RefusedException(exception);
        }
    }

    private static object? Wanted(ValueMember member, object? current, FunctionPlan plan, Dictionary<string, Type>? types)
    {
        if (member.Value.IsAbsentOrNull && current is null)
        {
            return null;
        }

        if (member.Value.Kind == ValueKind.String && current is string text && IsText(member.Value, text))
        {
            return current;
        }

        FunctionParameter? parameter = plan.Find(member.Name);
        if (types is null || !types.TryGetValue(member.Name, out Type? type))
        {
            return parameter is null ? plan.Json.Natural(member.Value) : plan.Json.Build(member.Value, parameter.Type);
        }

        try
        {
            return plan.Json.Build(member.Value, type);
        }
        catch (PayloadException) when (parameter is not null && parameter.Type != typeof(object) && parameter.Type != type)
        {
            return plan.Json.Build(member.Value, parameter.Type);
        }
    }

    private static bool IsText(GovernedValue value, string text) => value.TryGetText(out ReadOnlySpan<char> frozen) && frozen.SequenceEqual(text);

    /// <summary>Names of arguments differ by more than case.</summary>
    private static bool Has(GovernedValue payload, string name)
    {
        for (int i = 0; i < payload.Count; i++)
        {
            if (string.Equals(payload.MemberAt(i).Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static void Write(ValueArena arena, FunctionPlan plan, string name, object? value, ref Dictionary<string, Type>? types)
    {
        arena.Name(name);
        if (value is not (null or string or bool or int or long or double) && !IsScalar(value))
        {
            (types ??= new Dictionary<string, Type>(StringComparer.OrdinalIgnoreCase))[name] = value.GetType();
        }

        arena.WriteObject(value, plan.Json.Converter);
    }

    /// <summary>Whether a value is immutable, so that the arena keeps it as it is.</summary>
    private static bool IsScalar(object value) => value is JsonElement or float or decimal or ulong or short or ushort or byte or sbyte or uint or char or Guid or TimeSpan or Uri
        or Enum or DateTime or DateTimeOffset or DateOnly or TimeOnly;
}
