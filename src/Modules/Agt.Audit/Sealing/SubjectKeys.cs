using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agt.Audit.Stores;

namespace Agt.Audit.Sealing;

/// <summary>
/// One key a subject, each wrapped by the log's sealing key (AES-256-GCM). Destroying a subject's key is what makes everything that was sealed for it unreadable for ever, in every copy of the log.
/// </summary>
/// <remarks>Thread-safe. The table is replaced as a whole whenever it changes.</remarks>
internal sealed class SubjectKeys : IDisposable
{
    internal const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int MaxSubjects = 1_000_000;
    private const long MaxTableBytes = 512L * 1024 * 1024;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, byte[]> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);
    private readonly byte[] _sealingKey;
    private readonly string _path;

    internal SubjectKeys(string path, byte[] sealingKey)
    {
        _path = path;
        _sealingKey = sealingKey;
        if (!File.Exists(path))
        {
            return;
        }

        if (new FileInfo(path).Length > MaxTableBytes)
        {
            throw new AuditStoreException(AuditStoreProblem.Corrupt, $"'{path}' is longer than a table of keys can be.");
        }

        foreach (string line in File.ReadLines(path))
        {
            Read(line);
        }
    }

    /// <summary>How a subject is named outside of this process: an HMAC, so that nobody can try names against it without the sealing key.</summary>
    internal string IdOf(string subject)
    {
        lock (_lock)
        {
            if (!_ids.TryGetValue(subject, out string? id))
            {
                id = Convert.ToHexStringLower(HMACSHA256.HashData(_sealingKey, Encoding.UTF8.GetBytes("agt subject\0" + subject)));
                if (_ids.Count >= 65_536)
                {
                    _ids.Clear();
                }

                _ids[subject] = id;
            }

            return id;
        }
    }

    /// <summary>A subject's key; made, and durable, on first use.</summary>
    internal byte[] GetOrCreate(string id)
    {
        lock (_lock)
        {
            if (_keys.TryGetValue(id, out byte[]? key))
            {
                return key;
            }

            if (_keys.Count >= MaxSubjects)
            {
                throw new IOException($"The audit log seals for {MaxSubjects} subjects; no more are taken.");
            }

            key = RandomNumberGenerator.GetBytes(KeyBytes);
            _keys.Add(id, key);
            try
            {
                using FileStream stream = ProtectedFiles.Open(_path, FileMode.OpenOrCreate, FileShare.Read);
                stream.Seek(0, SeekOrigin.End);
                stream.Write(Encoding.ASCII.GetBytes(Line(id, key)));
                stream.Flush(flushToDisk: true);
            }
            catch
            {
                _keys.Remove(id);
                throw;
            }

            return key;
        }
    }

    /// <summary>A subject's key; null if it never had one or it was destroyed.</summary>
    internal byte[]? Find(string id)
    {
        lock (_lock)
        {
            return _keys.GetValueOrDefault(id);
        }
    }

    /// <summary>Destroys a subject's key; the table on disk is without it when this returns.</summary>
    internal bool Destroy(string id)
    {
        lock (_lock)
        {
            if (!_keys.Remove(id, out byte[]? key))
            {
                return false;
            }

            CryptographicOperations.ZeroMemory(key);
            var table = new StringBuilder();
            foreach ((string other, byte[] kept) in _keys)
            {
                table.Append(Line(other, kept));
            }

            ProtectedFiles.Replace(_path, Encoding.ASCII.GetBytes(table.ToString()));
            return true;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (byte[] key in _keys.Values)
            {
                CryptographicOperations.ZeroMemory(key);
            }

            _keys.Clear();
        }
    }

    private string Line(string id, byte[] key)
    {
        byte[] wrapped = new byte[NonceBytes + KeyBytes + TagBytes];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(_sealingKey, TagBytes);
        aes.Encrypt(wrapped.AsSpan(0, NonceBytes), key, wrapped.AsSpan(NonceBytes, KeyBytes), wrapped.AsSpan(NonceBytes + KeyBytes), Encoding.ASCII.GetBytes(id));
        return $"{{\"key\":\"{Convert.ToBase64String(wrapped)}\",\"subject\":\"{id}\"}}\n";
    }

    private void Read(string line)
    {
        try
        {
            using JsonDocument row = JsonDocument.Parse(line);
            string id = row.RootElement.GetProperty("subject").GetString()!;
            byte[] wrapped = row.RootElement.GetProperty("key").GetBytesFromBase64();
            byte[] key = new byte[KeyBytes];
            using var aes = new AesGcm(_sealingKey, TagBytes);
            aes.Decrypt(wrapped.AsSpan(0, NonceBytes), wrapped.AsSpan(NonceBytes, KeyBytes), wrapped.AsSpan(NonceBytes + KeyBytes), key, Encoding.ASCII.GetBytes(id));
            _keys[id] = key;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or ArgumentException or CryptographicException)
        {
            throw new AuditStoreException(AuditStoreProblem.Key, $"A key in '{_path}' cannot be unwrapped: the sealing key is another one, or the file is damaged. Put back the right key; nothing was changed.", exception);
        }
    }
}
