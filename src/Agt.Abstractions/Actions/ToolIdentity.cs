using System.Globalization;
using System.Text;
using Agt.Values;

namespace Agt;

/// <summary>Which tool an action uses. Immutable; keep one instance per tool.</summary>
public sealed class ToolIdentity
{
    /// <summary>The longest name.</summary>
    public const int MaxNameLength = 256;

    /// <summary>Describes a tool.</summary>
    /// <param name="name">Its id, for example <c>Files.Delete</c> or <c>mcp:server/tool</c>; brought to Unicode form NFC.</param>
    /// <param name="source">Where it comes from (a plugin, a server), or null.</param>
    /// <param name="contentHash">The digest of what will run, as the adapter computed it; empty when unknown.</param>
    /// <param name="effects">What the tool declares that it does.</param>
    /// <param name="idempotencyArgument">The argument that carries its idempotency key (letters, digits, underscores and dashes), or null.</param>
    /// <exception cref="ArgumentException">The name of the argument is no such name; or the name is empty, too long, or has control, format (bidirectional, zero-width) or unpaired surrogate characters, or mixes Latin letters with Cyrillic or Greek ones in one word: such a name looks like another one (Unicode TS 39, 5.1).</exception>
    public ToolIdentity(string name, string? source = null, Digest contentHash = default, ToolEffects effects = ToolEffects.None, string? idempotencyArgument = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = Normalize(name);
        Source = source;
        ContentHash = contentHash;
        Effects = effects;
        IdempotencyArgument = idempotencyArgument is null || (idempotencyArgument.Length is > 0 and <= 128 && idempotencyArgument.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            ? idempotencyArgument
            : throw new ArgumentException($"'{idempotencyArgument}' is no name of an argument: letters, digits, underscores and dashes.", nameof(idempotencyArgument));
    }

    /// <summary>Its id.</summary>
    public string Name { get; }

    /// <summary>Where it comes from, or null.</summary>
    public string? Source { get; }

    /// <summary>The digest of what will run, or empty.</summary>
    public Digest ContentHash { get; }

    /// <summary>What the tool declares that it does.</summary>
    public ToolEffects Effects { get; }

    /// <summary>The argument that carries its idempotency key: calls with the same key take effect once. Null if it has none.</summary>
    public string? IdempotencyArgument { get; }

    /// <inheritdoc />
    public override string ToString() => Name;

    /// <summary>Whether a character may be part of a sequence that form NFC writes as one character: marks, and conjoining Hangul.</summary>
    private static bool Composes(Rune rune) => rune.Value is >= 0x1100 and <= 0x11FF || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    private static bool MixesScripts(string name)
    {
        bool latin = false;
        bool other = false;
        foreach (char letter in name)
        {
            if (!char.IsLetter(letter))
            {
                latin = other = false;
                continue;
            }

            // Cyrillic and Greek with their supplements and extensions; Latin with its own.
            latin |= letter is (>= 'A' and <= 'Z') or (>= 'a' and <= 'z') or (>= '\u00c0' and <= '\u024f') or (>= '\u1e00' and <= '\u1eff');
            other |= letter is (>= '\u0370' and <= '\u03ff') or (>= '\u0400' and <= '\u052f') or (>= '\u1c80' and <= '\u1c8f') or (>= '\u1f00' and <= '\u1fff') or (>= '\u2de0' and <= '\u2dff') or (>= '\ua640' and <= '\ua69f');
            if (latin && other)
            {
                return true;
            }
        }

        return false;
    }

    private static string Normalize(string name)
    {
        if (name.Length > MaxNameLength)
        {
            throw new ArgumentException($"A tool name has at most {MaxNameLength} characters.", nameof(name));
        }

        bool normalizes = "e\u0301".Normalize(NormalizationForm.FormC) == "\u00e9";
        foreach (Rune rune in name.EnumerateRunes())
        {
            if (!normalizes && Composes(rune))
            {
                throw new ArgumentException("A tool name has combining characters, and this process runs without the data to bring them to form NFC.", nameof(name));
            }

            if (rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is
                UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                throw new ArgumentException("A tool name has control, zero-width, bidirectional or malformed characters.", nameof(name));
            }
        }

        if (MixesScripts(name))
        {
            throw new ArgumentException("A tool name mixes letters of alphabets that look alike (Latin with Cyrillic or Greek) in one word.", nameof(name));
        }

        return name.IsNormalized(NormalizationForm.FormC) ? name : name.Normalize(NormalizationForm.FormC);
    }
}
