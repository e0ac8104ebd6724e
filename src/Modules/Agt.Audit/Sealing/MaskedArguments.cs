using System.Globalization;
using System.Text;
using System.Text.Json;
using Agt.Audit.Records;

namespace Agt.Audit.Sealing;

/// <summary>Writes arguments again, which are in canonical form, with what must not stand in a record replaced. For one thread.</summary>
/// <param name="rules">Which members those are. Secrets win over what is personal.</param>
internal sealed class MaskedArguments(IReadOnlyList<MemberRule> rules)
{
    private readonly JsonWriter _output = new();
    private readonly List<string> _path = [];

    /// <summary>Seals a value at a place below the arguments; returns the digest that stands in the record.</summary>
    internal delegate string Seal(string pointer, ReadOnlySpan<byte> canonicalValue);

    internal ReadOnlySpan<byte> Written => _output.Written;

    /// <summary>Writes arguments.</summary>
    /// <param name="canonical">The arguments in canonical form.</param>
    /// <param name="seal">Seals what is personal; null to leave it as it is, because all of it is sealed.</param>
    internal void Write(ReadOnlySpan<byte> canonical, Seal? seal)
    {
        _output.Clear();
        _path.Clear();
        using JsonDocument document = JsonDocument.Parse(canonical.ToArray(), new JsonDocumentOptions { MaxDepth = 128 });
        Write(document.RootElement, seal);
    }

    /// <summary>The place of a member as a JSON pointer (RFC 6901).</summary>
    internal static string PointerOf(IEnumerable<string> path) => Vault.Pointer + string.Concat(path.Select(part => "/" + part.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));

    private void Write(JsonElement value, Seal? seal)
    {
        switch (ClassOf())
        {
            case MemberClass.Secret:
                _output.Raw("{\"_redacted\":\"secret\"}"u8);
                return;
            case MemberClass.Personal when seal is not null:
                // What is a secret within it is not sealed with it.
                int before = _output.Length;
                Write(value, null);
                byte[] masked = _output.Written[before..].ToArray();
                _output.Truncate(before);
                string digest = seal(PointerOf(_path), masked);
                _output.Raw("{\"_sd\":"u8);
                _output.Text(digest, 64);
                _output.Raw("}"u8);
                return;
            default:
                break;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                _output.Raw("{"u8);
                bool any = false;
                foreach (JsonProperty member in value.EnumerateObject())
                {
                    _output.Raw(any ? ","u8 : default);
                    any = true;
                    Agt.Values.CanonicalJson.WriteString(_output, member.Name);
                    _output.Raw(":"u8);
                    Below(member.Name, member.Value, seal);
                }

                _output.Raw("}"u8);
                break;
            case JsonValueKind.Array:
                _output.Raw("["u8);
                int position = 0;
                foreach (JsonElement item in value.EnumerateArray())
                {
                    _output.Raw(position > 0 ? ","u8 : default);
                    Below(position++.ToString(CultureInfo.InvariantCulture), item, seal);
                }

                _output.Raw("]"u8);
                break;
            default:
                _output.Raw(Encoding.UTF8.GetBytes(value.GetRawText()));
                break;
        }
    }

    private void Below(string name, JsonElement value, Seal? seal)
    {
        _path.Add(name);
        Write(value, seal);
        _path.RemoveAt(_path.Count - 1);
    }

    private MemberClass? ClassOf()
    {
        MemberClass? found = null;
        ReadOnlySpan<string> path = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_path);
        foreach (MemberRule rule in rules)
        {
            if (found != MemberClass.Secret && rule.Matches(path))
            {
                found = rule.Class;
            }
        }

        return found;
    }
}
