using System.Text;
using Agt.Audit.Stores;
using Microsoft.Extensions.Logging;

namespace Agt.Audit.Signing;

/// <summary>The key of a log in a file that only its owner can read; made on first use, with a notice.</summary>
internal static class AuditKeyFile
{
    private const int MaxBytes = 4_096;

    /// <summary>Reads the key, or makes one if the log is new.</summary>
    /// <param name="path">The file.</param>
    /// <param name="origin">The name of the log.</param>
    /// <param name="isNewLog">Whether the log has no checkpoint yet: an old log whose key is missing gets no new one by accident.</param>
    /// <param name="logger">Where the notice goes.</param>
    internal static AuditKey LoadOrCreate(string path, string origin, bool isNewLog, ILogger logger)
    {
        if (File.Exists(path))
        {
            AuditKey key = Load(path);
            if (key.Key.Name == origin)
            {
                return key;
            }

            string name = key.Key.Name;
            key.Dispose();
            throw new AuditStoreException(AuditStoreProblem.Key, $"The key in '{path}' is that of the log '{name}', not of '{origin}'. Set the origin to '{name}', or name another key file.");
        }

        if (!isNewLog)
        {
            throw new AuditStoreException(AuditStoreProblem.Key, $"The key of the log is missing: '{path}'. Put it back from its backup; docs/audit.md says what to do if it is lost.");
        }

        var made = AuditKey.Create(origin);
        ProtectedFiles.Replace(path, Encoding.ASCII.GetBytes(made.ToPrivateText() + "\n"));
        ProtectedFiles.Replace(path + ".pub", Encoding.UTF8.GetBytes(made.Key + "\n"));
        AuditLogMessages.KeyMade(logger, origin, path, made.Key.ToString());
        return made;
    }

    /// <summary>Reads a key.</summary>
    internal static AuditKey Load(string path)
    {
        if (new FileInfo(path).Length > MaxBytes || !AuditKey.TryParse(File.ReadAllText(path), out AuditKey? key))
        {
            throw new AuditStoreException(AuditStoreProblem.Key, $"'{path}' holds no signing key of a log: one line, PRIVATE+KEY+name+hash+base64.");
        }

        return key;
    }
}
