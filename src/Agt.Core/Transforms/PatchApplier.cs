using System.Text;
using System.Text.RegularExpressions;
using Agt.Values;

namespace Agt.Transforms;

/// <summary>Applies patches to frozen values: what changes is built anew in the arena, what does not is shared.</summary>
internal static class PatchApplier
{
    /// <summary>Applies one patch.</summary>
    /// <param name="arena">Where changed containers are built.</param>
    /// <param name="root">The arguments or the output.</param>
    /// <param name="patch">The patch.</param>
    /// <returns>The new root; the same one if nothing changed.</returns>
    /// <exception cref="PayloadException">The patch does not fit the value (<see cref="ReasonCodes.TransformInvalid"/>).</exception>
    internal static GovernedValue Apply(ValueArena arena, GovernedValue root, Patch patch) => Apply(arena, root, patch, 0);

    private static GovernedValue Apply(ValueArena arena, GovernedValue value, Patch patch, int depth)
    {
        ReadOnlySpan<PatchPath.Segment> segments = patch.Path.Segments;
        if (depth == segments.Length)
        {
            return patch.Kind switch
            {
                PatchKind.Set => arena.Copy(patch.Value),
                PatchKind.Remove => GovernedValue.Null,
                _ => Redact(arena, value, patch),
            };
        }

        PatchPath.Segment segment = segments[depth];
        bool last = depth == segments.Length - 1;
        int index = Find(value, segment);
        if (index < 0)
        {
            return patch.Kind switch
            {
                PatchKind.Set when last && segment.Name is not null && value.Kind == ValueKind.Map =>
                    Rebuild(arena, value, -1, arena.Copy(patch.Value), segment.Name),
                PatchKind.Set => throw Invalid("A transform sets a value whose parent is not there."),
                _ => value,
            };
        }

        if (last && patch.Kind == PatchKind.Remove)
        {
            return Rebuild(arena, value, index, default, null);
        }

        GovernedValue old = value[index];
        GovernedValue replaced = Apply(arena, old, patch, depth + 1);
        return Same(old, replaced) ? value : Rebuild(arena, value, index, replaced, null);
    }

    private static int Find(GovernedValue value, PatchPath.Segment segment)
    {
        switch (value.Kind)
        {
            case ValueKind.Map when segment.Name is not null:
                return ValueArena.IndexOf(value.Entries(), segment.Name);
            case ValueKind.List when segment.Name is null:
                return segment.Index < value.Count ? segment.Index : -1;
            default:
                return -1;
        }
    }

    /// <summary>A copy of a container with one entry replaced (or removed, when absent), or one member added.</summary>
    private static GovernedValue Rebuild(ValueArena arena, GovernedValue container, int index, GovernedValue replacement, string? added)
    {
        ReadOnlySpan<ValueEntry> entries = container.Entries();
        bool map = container.Kind == ValueKind.Map;
        if (map)
        {
            arena.BeginMap();
        }
        else
        {
            arena.BeginList();
        }

        for (int i = 0; i < entries.Length; i++)
        {
            ValueEntry entry = entries[i];
            if (i == index && replacement.IsAbsent)
            {
                continue;
            }

            if (map)
            {
                arena.Name(entry.Name!);
            }

            if (i == index)
            {
                arena.Write(replacement);
            }
            else
            {
                arena.Write(entry.Value, entry.Source);
            }
        }

        if (added is not null)
        {
            arena.Name(added);
            arena.Write(replacement);
        }

        return arena.End(uniqueNames: true);
    }

    private static GovernedValue Redact(ValueArena arena, GovernedValue value, Patch patch)
    {
        switch (value.Kind)
        {
            case ValueKind.Absent or ValueKind.Null:
                return value;
            case ValueKind.Map or ValueKind.List or ValueKind.Set:
                return RedactItems(arena, value, patch);
            case ValueKind.String:
                return patch.Pattern is null ? Whole(value, patch) : RedactText(arena, value, patch.Pattern, patch.Replacement);
            default:
                return patch.Pattern is null ? Whole(value, patch) : value;
        }
    }

    /// <summary>Redacts below a container, which is built anew once, and only if something in it changed.</summary>
    private static GovernedValue RedactItems(ValueArena arena, GovernedValue container, Patch patch)
    {
        int count = container.Count;
        GovernedValue[]? changed = null;
        for (int i = 0; i < count; i++)
        {
            GovernedValue old = container[i];
            GovernedValue redacted = Redact(arena, old, patch);
            if (!Same(old, redacted))
            {
                changed ??= new GovernedValue[count];
                changed[i] = redacted;
            }
        }

        if (changed is null)
        {
            return container;
        }

        bool map = container.Kind == ValueKind.Map;
        if (map)
        {
            arena.BeginMap();
        }
        else
        {
            arena.BeginList();
        }

        for (int i = 0; i < count; i++)
        {
            // Looked up anew each time: writing may move the arena's memory.
            ValueEntry entry = container.Entries()[i];
            if (map)
            {
                arena.Name(entry.Name!);
            }

            if (changed[i].IsAbsent)
            {
                arena.Write(entry.Value, entry.Source);
            }
            else
            {
                arena.Write(changed[i]);
            }
        }

        return arena.End(uniqueNames: true);
    }

    private static GovernedValue Whole(GovernedValue value, Patch patch) =>
        value.TryGetText(out ReadOnlySpan<char> text) && text.SequenceEqual(patch.Replacement) ? value : GovernedValue.From(patch.Replacement);

    private static GovernedValue RedactText(ValueArena arena, GovernedValue value, Regex pattern, string replacement)
    {
        value.TryGetText(out ReadOnlySpan<char> text);
        StringBuilder? result = null;
        int copied = 0;
        foreach (ValueMatch match in pattern.EnumerateMatches(text))
        {
            if (match.Length == 0)
            {
                // Nothing was found there, so there is nothing to replace.
                continue;
            }

            result ??= new StringBuilder(text.Length);
            result.Append(text[copied..match.Index]).Append(replacement);
            copied = match.Index + match.Length;
            if (result.Length > arena.Limits.MaxCharacters)
            {
                throw new PayloadException(ReasonCodes.ResourceLimitExceeded, "A redacted text is longer than a payload may be.");
            }
        }

        if (result is null)
        {
            return value;
        }

        string redacted = result.Append(text[copied..]).ToString();
        return text.SequenceEqual(redacted) ? value : GovernedValue.From(redacted);
    }

    /// <summary>Whether nothing changed. Containers are shared when unchanged, so equality need not walk far.</summary>
    internal static bool Same(GovernedValue left, GovernedValue right) => left.Kind == right.Kind && ValueComparer.Exact.Equals(left, right);

    private static PayloadException Invalid(string message) => new(ReasonCodes.TransformInvalid, message);
}
