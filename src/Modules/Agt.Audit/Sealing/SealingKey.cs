using System.Security.Cryptography;
using System.Text;
using Agt.Audit.Stores;

namespace Agt.Audit.Sealing;

/// <summary>The key that wraps the keys of subjects: 32 bytes in base64, in a file that only its owner can read; made on first use.</summary>
internal static class SealingKey
{
    internal static byte[] LoadOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            ProtectedFiles.Replace(path, Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(SubjectKeys.KeyBytes)) + "\n"));
        }

        return Load(path);
    }

    internal static byte[] Load(string path)
    {
        byte[] key = new byte[64];
        return new FileInfo(path).Length <= 128 && Convert.TryFromBase64String(File.ReadAllText(path).Trim(), key, out int written) && written == SubjectKeys.KeyBytes
            ? key[..written]
            : throw new AuditStoreException(AuditStoreProblem.Key, $"'{path}' holds no sealing key: 32 bytes in base64.");
    }
}
