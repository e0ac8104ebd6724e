using System.Globalization;
using System.Text;
using Agt.Values;

namespace Agt.Policy.Limits;

/// <summary>Values as JSON text to search in: names sorted, nothing escaped that need not be, numbers as they were written, whatever their size.</summary>
internal static class JsonText
{
    internal static string Of(GovernedValue value)
    {
        var text = new StringBuilder();
        Write(text, value);
        return text.ToString();
    }

    /// <summary>As deep as a payload may be, which its limits bound.</summary>
    private static void Write(StringBuilder text, GovernedValue value)
    {
        if (value.TryGetText(out ReadOnlySpan<char> written))
        {
            Write(text, written);
        }
        else if (value.NumberText() is { } number)
        {
            text.Append(number);
        }
        else if (value.TryGetBoolean(out bool flag))
        {
            text.Append(flag ? "true" : "false");
        }
        else if (value.Kind == ValueKind.Map)
        {
            ValueMember[] members = [.. Enumerable.Range(0, value.Count).Select(index => value.MemberAt(index)).OrderBy(member => member.Name, StringComparer.Ordinal)];
            text.Append('{');
            for (int i = 0; i < members.Length; i++)
            {
                text.Append(i == 0 ? string.Empty : ",");
                Write(text, members[i].Name);
                text.Append(':');
                Write(text, members[i].Value);
            }

            text.Append('}');
        }
        else if (value.Kind is ValueKind.List or ValueKind.Set)
        {
            text.Append('[');
            for (int i = 0; i < value.Count; i++)
            {
                text.Append(i == 0 ? string.Empty : ",");
                Write(text, value[i]);
            }

            text.Append(']');
        }
        else
        {
            text.Append("null");
        }
    }

    private static void Write(StringBuilder text, ReadOnlySpan<char> written)
    {
        text.Append('"');
        foreach (char c in written)
        {
            switch (c)
            {
                case '"' or '\\':
                    text.Append('\\').Append(c);
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case < ' ':
                    text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    break;
                default:
                    text.Append(c);
                    break;
            }
        }

        text.Append('"');
    }
}
