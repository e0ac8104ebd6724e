namespace Agt.Audit.Notes;

/// <summary>One signature line of a note (C2SP signed-note): it says by whom, and proves nothing until it is checked.</summary>
/// <param name="Name">The name of the key.</param>
/// <param name="KeyId">The first four bytes of the key's hash, as a number, big-endian.</param>
/// <param name="Value">The signature.</param>
public sealed record NoteSignature(string Name, uint KeyId, ReadOnlyMemory<byte> Value)
{
    /// <summary>The line, without its end.</summary>
    public override string ToString()
    {
        byte[] bytes = new byte[4 + Value.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyId);
        Value.Span.CopyTo(bytes.AsSpan(4));
        return $"\u2014 {Name} {Convert.ToBase64String(bytes)}";
    }
}
