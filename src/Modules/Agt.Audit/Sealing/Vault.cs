using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Agt.Audit.Stores;

namespace Agt.Audit.Sealing;

/// <summary>
/// Where the sealed arguments of records lie, beside the log: each disclosure encrypted with its subject's key (AES-256-GCM), bound to its record. The log holds only their digests, so that it
/// stays whole when they are gone.
/// </summary>
/// <remarks>Writing is for one thread; <see cref="Erase"/> is thread-safe.</remarks>
internal sealed class Vault : IDisposable
{
    internal const string Pointer = "/context/arguments";
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int IdBytes = 32;

    /// <summary>Length of the ciphertext, index of the record, id of the subject, nonce, tag.</summary>
    private const int HeadBytes = 4 + 8 + IdBytes + NonceBytes + TagBytes;
    private const int MaxDisclosureBytes = 64 * 1024 * 1024;

    private readonly SubjectKeys _keys;
    private readonly string _path;
    private FileStream _file;
    private readonly MemoryStream _pending = new();
    private readonly Dictionary<long, long>? _places;
    private byte[] _random = [];
    private int _randomAt;
    private long _length;

    private Vault(SubjectKeys keys, string path, FileStream file, bool read)
    {
        _path = path;
        _keys = keys;
        _file = file;
        _places = read ? [] : null;
        _length = Scan();
    }

    /// <summary>Opens the vault of a log.</summary>
    /// <param name="directory">The directory of the log.</param>
    /// <param name="sealingKey">32 bytes.</param>
    /// <param name="write">Whether it is added to; otherwise it is read.</param>
    internal static Vault Open(string directory, byte[] sealingKey, bool write)
    {
        string place = Path.Combine(directory, "sealed");
        if (write)
        {
            ProtectedFiles.EnsureDirectory(place);
        }

        var keys = new SubjectKeys(Path.Combine(place, "subjects"), sealingKey);
        string file = Path.Combine(place, "disclosures");
        try
        {
            return new Vault(keys, file, write ? ProtectedFiles.Open(file, FileMode.OpenOrCreate, FileShare.ReadWrite) : new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), !write);
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    /// <summary>Seals a value for a subject.</summary>
    /// <param name="index">The record it belongs to.</param>
    /// <param name="record">The record's id.</param>
    /// <param name="subject">Whose it is.</param>
    /// <param name="canonicalValue">The value in canonical form.</param>
    /// <returns>The digest that stands in the record.</returns>
    internal string Seal(long index, Guid record, string subject, ReadOnlySpan<byte> canonicalValue)
    {
        string id = _keys.IdOf(subject);
        byte[] disclosure = Disclosure.Write(Random(Disclosure.SaltBytes), Pointer, canonicalValue);
        byte[] frame = new byte[HeadBytes + disclosure.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, disclosure.Length);
        BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(4), index);
        Convert.FromHexString(id).CopyTo(frame, 12);
        Span<byte> nonce = frame.AsSpan(12 + IdBytes, NonceBytes);
        Random(NonceBytes).CopyTo(nonce);
        using var aes = new AesGcm(_keys.GetOrCreate(id), TagBytes);
        aes.Encrypt(nonce, disclosure, frame.AsSpan(HeadBytes), frame.AsSpan(HeadBytes - TagBytes, TagBytes), Bound(record));
        _pending.Write(frame);
        return Disclosure.DigestOf(disclosure);
    }

    /// <summary>Writes what was sealed; it is durable at the next <see cref="Flush"/>.</summary>
    internal void Write()
    {
        if (_pending.Length > 0)
        {
            RandomAccess.Write(_file.SafeFileHandle, _pending.GetBuffer().AsSpan(0, (int)_pending.Length), _length);
            _length += _pending.Length;
            _pending.SetLength(0);
        }
    }

    internal void Flush() => RandomAccess.FlushToDisk(_file.SafeFileHandle);

    /// <summary>Opens what was sealed for a record.</summary>
    /// <param name="index">The record.</param>
    /// <param name="record">The record's id.</param>
    /// <param name="digest">The digest that stands in the record.</param>
    /// <param name="value">The value as JSON, if the status is disclosed.</param>
    internal FieldStatus Open(long index, Guid record, string digest, out string? value)
    {
        value = null;
        if (_places is null || !_places.TryGetValue(index, out long at))
        {
            return FieldStatus.Withheld;
        }

        byte[] head = new byte[HeadBytes];
        RandomAccess.Read(_file.SafeFileHandle, head, at);
        byte[] cipher = new byte[BinaryPrimitives.ReadInt32LittleEndian(head)];
        if (RandomAccess.Read(_file.SafeFileHandle, cipher, at + HeadBytes) != cipher.Length)
        {
            return FieldStatus.Withheld;
        }

        if (_keys.Find(Convert.ToHexStringLower(head.AsSpan(12, IdBytes))) is not { } key)
        {
            return FieldStatus.Erased;
        }

        byte[] disclosure = new byte[cipher.Length];
        try
        {
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(head.AsSpan(12 + IdBytes, NonceBytes), cipher, head.AsSpan(HeadBytes - TagBytes, TagBytes), disclosure, Bound(record));
        }
        catch (CryptographicException)
        {
            return FieldStatus.Mismatch;
        }

        value = Disclosure.DigestOf(disclosure) == digest ? Disclosure.ValueOf(disclosure, Pointer) : null;
        return value is null ? FieldStatus.Mismatch : FieldStatus.Disclosed;
    }

    /// <summary>Destroys a subject's key.</summary>
    /// <param name="subject">Whose.</param>
    /// <param name="id">How the subject is named in the record of it.</param>
    /// <returns>Whether there was one.</returns>
    internal bool Erase(string subject, out string id)
    {
        id = _keys.IdOf(subject);
        return _keys.Destroy(id);
    }

    /// <summary>Removes what was sealed for records before a place from the disk. Not while something is written.</summary>
    internal void Drop(long first)
    {
        if (!Frames().Any(frame => frame.Index < first))
        {
            return;
        }

        string next = _path + ".new";
        using (FileStream rest = ProtectedFiles.Open(next, FileMode.Create, FileShare.None))
        {
            foreach ((long at, int length, _) in Frames().Where(frame => frame.Index >= first))
            {
                byte[] bytes = new byte[length];
                RandomAccess.Read(_file.SafeFileHandle, bytes, at);
                rest.Write(bytes);
            }

            rest.Flush(flushToDisk: true);
            _length = rest.Length;
        }

        _file.Dispose();
        File.Move(next, _path, overwrite: true);
        _file = ProtectedFiles.Open(_path, FileMode.Open, FileShare.ReadWrite);
        ProtectedFiles.FlushDirectory(Path.GetDirectoryName(_path)!);
    }

    public void Dispose()
    {
        _file.Dispose();
        _keys.Dispose();
        _pending.Dispose();
    }

    private IEnumerable<(long At, int Length, long Index)> Frames()
    {
        byte[] head = new byte[12];
        for (long at = 0; at < _length;)
        {
            RandomAccess.Read(_file.SafeFileHandle, head, at);
            int length = HeadBytes + BinaryPrimitives.ReadInt32LittleEndian(head);
            yield return (at, length, BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(4)));
            at += length;
        }
    }

    private static byte[] Bound(Guid record) => [.. Encoding.ASCII.GetBytes(record.ToString()), 0, .. Encoding.ASCII.GetBytes(Pointer)];

    /// <summary>Looks through the file for whole frames; a torn end is overwritten by the next ones.</summary>
    private long Scan()
    {
        long size = RandomAccess.GetLength(_file.SafeFileHandle);
        long at = 0;
        byte[] head = new byte[12];
        while (at + HeadBytes <= size && RandomAccess.Read(_file.SafeFileHandle, head, at) == head.Length)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (length is < 0 or > MaxDisclosureBytes || at + HeadBytes + length > size)
            {
                break;
            }

            _places?.TryAdd(BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(4)), at);
            at += HeadBytes + length;
        }

        return at;
    }

    private ReadOnlySpan<byte> Random(int bytes)
    {
        if (_random.Length - _randomAt < bytes)
        {
            _random = RandomNumberGenerator.GetBytes(4_096);
            _randomAt = 0;
        }

        _randomAt += bytes;
        return _random.AsSpan(_randomAt - bytes, bytes);
    }
}
