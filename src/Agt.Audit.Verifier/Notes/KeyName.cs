using System.Text;

namespace Agt.Audit.Notes;

/// <summary>The rule for names of keys, and so for origins of logs: 1 to 255 bytes of UTF-8, no white space of Unicode, no plus sign, no control character.</summary>
internal static class KeyName
{
    internal const string Rule = "A name has 1 to 255 bytes of UTF-8 and no white space, control character or '+'.";

    internal static bool IsValid(string? name)
    {
        if (string.IsNullOrEmpty(name) || name.Length > 255 || Encoding.UTF8.GetByteCount(name) > 255)
        {
            return false;
        }

        foreach (Rune rune in name.EnumerateRunes())
        {
            if (rune.Value == '+' || rune == Rune.ReplacementChar || Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                return false;
            }
        }

        return true;
    }
}
