using System.Globalization;
using System.Text.Json;
using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>What a path begins at.</summary>
internal enum AcsRoot
{
    /// <summary>The snapshot.</summary>
    Snapshot,

    /// <summary>The policy input.</summary>
    PolicyInput,

    /// <summary>The value of the policy target.</summary>
    PolicyTarget,

    /// <summary>The catalog's entry of the tool.</summary>
    Tool,
}

/// <summary>
/// A path of the specification (spec 01, section 5.8): a root, then names and indexes. Immutable.
/// </summary>
internal sealed class AcsPath
{
    private const int MaxLength = 4_096;
    private const int MaxSteps = 128;
    private readonly Step[] _steps;

    private AcsPath(string text, AcsRoot root, Step[] steps)
    {
        Text = text;
        Root = root;
        _steps = steps;
    }

    internal string Text { get; }

    internal AcsRoot Root { get; }

    internal ReadOnlySpan<Step> Steps => _steps;

    /// <summary>Reads a path.</summary>
    /// <param name="text">The path.</param>
    /// <param name="alias">Whether <c>$</c> and <c>$.rest</c> stand for the snapshot.</param>
    /// <param name="path">The path; null if it is malformed.</param>
    /// <param name="error">What is wrong with it.</param>
    internal static bool TryParse(string text, bool alias, out AcsPath? path, out string error)
    {
        path = null;
        if (text.Length > MaxLength)
        {
            error = $"A path has at most {MaxLength} characters.";
            return false;
        }

        int at = ReadRoot(text, alias, out AcsRoot root);
        if (at < 0)
        {
            error = "A path begins with $snap, $pi, $policy_target or $tool" + (alias ? ", or with $. for the snapshot." : ".");
            return false;
        }

        var steps = new List<Step>();
        while (at < text.Length)
        {
            if (!TryReadStep(text, ref at, out Step step, out error))
            {
                return false;
            }

            steps.Add(step);
            if (steps.Count > MaxSteps)
            {
                error = $"A path has at most {MaxSteps} parts.";
                return false;
            }
        }

        path = new AcsPath(text, root, [.. steps]);
        error = string.Empty;
        return true;
    }

    /// <summary>Where the path leads from the value of its root.</summary>
    /// <exception cref="AcsException">Nothing is there, or a part of the way is of another type.</exception>
    internal GovernedValue Resolve(GovernedValue root)
    {
        GovernedValue at = root;
        foreach (Step step in _steps)
        {
            at = step.Of(at, Text);
        }

        return at;
    }

    /// <summary>The target with another value where the path leads; nothing is created (POL-414).</summary>
    /// <exception cref="AcsException">The path does not fit the target.</exception>
    internal GovernedValue Replace(GovernedValue target, GovernedValue value)
    {
        try
        {
            Resolve(target);
        }
        catch (AcsException exception)
        {
            throw new AcsException(AcsReasons.TransformInvalid, "The transform does not fit the policy target: " + exception.Message, exception);
        }

        var arena = AcsValues.NewArena();
        return Write(arena, target, value, 0);
    }

    private GovernedValue Write(ValueArena arena, GovernedValue at, GovernedValue value, int depth)
    {
        if (depth == _steps.Length)
        {
            return arena.Copy(value);
        }

        Step step = _steps[depth];
        int count = at.Count;
        if (step.Name is null)
        {
            var items = new GovernedValue[count];
            for (int i = 0; i < count; i++)
            {
                items[i] = i == step.Index ? Write(arena, at[i], value, depth + 1) : at[i];
            }

            return AcsValues.List(arena, items);
        }

        var members = new (string, GovernedValue)[count];
        for (int i = 0; i < count; i++)
        {
            ValueMember member = at.MemberAt(i);
            members[i] = (member.Name, member.Name == step.Name ? Write(arena, member.Value, value, depth + 1) : member.Value);
        }

        return AcsValues.Map(arena, members);
    }

    private static int ReadRoot(string text, bool alias, out AcsRoot root)
    {
        foreach ((string name, AcsRoot candidate) in new[] { ("$snap", AcsRoot.Snapshot), ("$policy_target", AcsRoot.PolicyTarget), ("$pi", AcsRoot.PolicyInput), ("$tool", AcsRoot.Tool) })
        {
            if (text.StartsWith(name, StringComparison.Ordinal) && (text.Length == name.Length || text[name.Length] is '.' or '['))
            {
                root = candidate;
                return name.Length;
            }
        }

        root = AcsRoot.Snapshot;
        return alias && (text == "$" || text.StartsWith("$.", StringComparison.Ordinal)) ? 1 : -1;
    }

    private static bool TryReadStep(string text, ref int at, out Step step, out string error)
    {
        step = default;
        error = string.Empty;
        int start = at;
        if (text[at] == '.')
        {
            int end = text.AsSpan(at + 1).IndexOfAny('.', '[', ']');
            end = end < 0 ? text.Length : at + 1 + end;
            step = new Step(text[(at + 1)..end], -1);
            at = end;
            if (step.Name!.Length == 0)
            {
                error = $"A name is missing at position {start + 2}.";
            }

            return error.Length == 0;
        }

        if (text[at] != '[')
        {
            error = $"Unexpected '{text[at]}' at position {at + 1}.";
            return false;
        }

        if (at + 1 < text.Length && text[at + 1] == '"')
        {
            return TryReadQuoted(text, ref at, out step, out error);
        }

        int close = text.IndexOf(']', at);
        if (close < 0 || !int.TryParse(text.AsSpan(at + 1, close - at - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int index))
        {
            error = $"An index or a quoted name is missing, or its bracket is not closed, at position {start + 2}.";
            return false;
        }

        step = new Step(null, index);
        at = close + 1;
        return true;
    }

    private static bool TryReadQuoted(string text, ref int at, out Step step, out string error)
    {
        step = default;
        int end = at + 2;
        while (end < text.Length && text[end] != '"')
        {
            end += text[end] == '\\' ? 2 : 1;
        }

        if (end + 1 < text.Length && text[end + 1] == ']')
        {
            try
            {
                using JsonDocument quoted = JsonDocument.Parse(text.AsMemory(at + 1, end - at));
                string name = quoted.RootElement.GetString()!;
                error = name.Length == 0 ? $"A name is missing at position {at + 2}." : string.Empty;
                step = new Step(name, -1);
                at = end + 2;
                return error.Length == 0;
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException)
            {
                error = $"The quoted name at position {at + 2} is no JSON text.";
                return false;
            }
        }

        error = $"The quoted name at position {at + 2} is not closed.";
        return false;
    }

    /// <summary>A name, or an index where the name is null.</summary>
    internal readonly record struct Step(string? Name, int Index)
    {
        internal GovernedValue Of(GovernedValue value, string path)
        {
            if (Name is null)
            {
                return value.Kind is not ValueKind.List
                    ? throw new AcsException(AcsReasons.PathTypeMismatch, $"{path} takes an item of what is no list.")
                    : Index < value.Count ? value[Index] : throw new AcsException(AcsReasons.PathMissing, $"{path} takes item {Index} of a list that is shorter.");
            }

            return value.Kind is not ValueKind.Map
                ? throw new AcsException(AcsReasons.PathTypeMismatch, $"{path} takes a member of what is no object.")
                : value.TryGetMember(Name, out GovernedValue member) ? member : throw new AcsException(AcsReasons.PathMissing, $"{path} names a member that is not there.");
        }
    }
}
