using System.Text.RegularExpressions;
using Agt.Values;

namespace Agt;

/// <summary>One change that a transform makes to arguments or output. Immutable.</summary>
public sealed class Patch
{
    private Patch(PatchKind kind, PatchPath path, GovernedValue value, Regex? pattern, string replacement)
    {
        Kind = kind;
        Path = path;
        Value = value;
        Pattern = pattern;
        Replacement = replacement;
    }

    /// <summary>What it does.</summary>
    public PatchKind Kind { get; }

    /// <summary>Where, for example <c>args.email</c> or <c>output</c>.</summary>
    public PatchPath Path { get; }

    /// <summary>The new value of a <see cref="PatchKind.Set"/>.</summary>
    public GovernedValue Value { get; }

    /// <summary>What a <see cref="PatchKind.Redact"/> replaces; null for the whole text.</summary>
    public Regex? Pattern { get; }

    /// <summary>What a <see cref="PatchKind.Redact"/> puts there, literally.</summary>
    public string Replacement { get; }

    /// <summary>Sets a value that may or may not be there; its parent must be.</summary>
    public static Patch Set(PatchPath path, GovernedValue value)
    {
        ArgumentNullException.ThrowIfNull(path);
        return value.IsAbsent
            ? throw new ArgumentException("A value to set cannot be absent.", nameof(value))
            : new Patch(PatchKind.Set, path, value.Detach(), null, string.Empty);
    }

    /// <summary>Removes a value; nothing happens if it is not there.</summary>
    public static Patch Remove(PatchPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new Patch(PatchKind.Remove, path, default, null, string.Empty);
    }

    /// <summary>Replaces text: whole, or what a pattern finds, in the value at the path or, if that is a container, in every text below it.</summary>
    /// <param name="path">Where.</param>
    /// <param name="pattern">What is replaced; null for everything. Must be linear-time (<see cref="RegexOptions.NonBacktracking"/>).</param>
    /// <param name="replacement">What is put there, literally.</param>
    /// <exception cref="ArgumentException">The pattern may backtrack.</exception>
    public static Patch Redact(PatchPath path, Regex? pattern = null, string replacement = "[REDACTED]")
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(replacement);
        if (pattern is not null && (pattern.Options & RegexOptions.NonBacktracking) == 0)
        {
            throw new ArgumentException("A redaction pattern is linear-time: use RegexOptions.NonBacktracking.", nameof(pattern));
        }

        return new Patch(PatchKind.Redact, path, default, pattern, replacement);
    }
}
