using System.Text;
using System.Text.Json;
using Agt.Audit.Export;

namespace Agt.Audit.Sealing;

/// <summary>A member of a record that was sealed, or kept out of it. Immutable.</summary>
/// <param name="Path">Its place in the record (RFC 6901).</param>
/// <param name="Status">What can be said of it.</param>
/// <param name="Value">Its value as JSON, if it was disclosed.</param>
/// <param name="Disclosure">What opens it, for somebody else: whoever has it and the record can check it (<see cref="Verify"/>), and learns nothing of other members. Null if it was not disclosed.</param>
public sealed record SealedField(string Path, FieldStatus Status, string? Value = null, string? Disclosure = null)
{
    /// <summary>Checks a disclosure against a record.</summary>
    /// <param name="leaf">The record, which a proof shows to be in the log.</param>
    /// <param name="disclosure">The disclosure.</param>
    /// <returns>The member that it opens, <see cref="FieldStatus.Disclosed"/>; or <see cref="FieldStatus.Mismatch"/> if it opens none of this record.</returns>
    public static SealedField Verify(ReadOnlyMemory<byte> leaf, string disclosure)
    {
        ArgumentNullException.ThrowIfNull(disclosure);
        byte[] bytes = Encoding.UTF8.GetBytes(disclosure);
        string digest = Sealing.Disclosure.DigestOf(bytes);
        using JsonDocument? document = RecordExport.Parse(leaf);
        if (document is not null)
        {
            foreach ((string pointer, string stated) in SealedMembers.Of(document.RootElement))
            {
                if (stated == digest && Sealing.Disclosure.ValueOf(bytes, pointer) is { } value)
                {
                    return new SealedField(pointer, FieldStatus.Disclosed, value, disclosure);
                }
            }
        }

        return new SealedField(string.Empty, FieldStatus.Mismatch);
    }
}
