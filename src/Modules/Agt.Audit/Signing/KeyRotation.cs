using System.Globalization;
using System.Text;
using Agt.Audit.Stores;

namespace Agt.Audit.Signing;

/// <summary>The files of a key that is being replaced: the new one is on disk before it signs, and the old one stays beside it, with the time until which it signs.</summary>
internal static class KeyRotation
{
    private const string UntilWord = "until ";
    private const int MaxBytes = 4_096;

    internal static string OldPath(string path) => path + ".old";

    /// <summary>Makes the next key and puts it beside the present one, so that it is not lost once it has signed.</summary>
    internal static AuditKey Prepare(string path, string origin)
    {
        var next = AuditKey.Create(origin);
        ProtectedFiles.Replace(path + ".next", Encoding.ASCII.GetBytes(next.ToPrivateText() + "\n"));
        return next;
    }

    /// <summary>Puts the next key in the place of the present one.</summary>
    internal static void Install(string path, AuditKey old, AuditKey next, DateTimeOffset until)
    {
        ProtectedFiles.Replace(OldPath(path), Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{old.ToPrivateText()}\n{UntilWord}{until.UtcDateTime:O}\n")));
        ProtectedFiles.Replace(path, Encoding.ASCII.GetBytes(next.ToPrivateText() + "\n"));
        ProtectedFiles.Replace(path + ".pub", Encoding.UTF8.GetBytes(next.Key + "\n"));
        File.Delete(path + ".next");
    }

    /// <summary>The key that was replaced and still signs; null if there is none.</summary>
    /// <exception cref="AuditStoreException">The file is damaged.</exception>
    internal static RetiringKey? Load(string path, AuditKey present, DateTimeOffset now)
    {
        string file = OldPath(path);
        if (!File.Exists(file))
        {
            return null;
        }

        string[] lines = new FileInfo(file).Length <= MaxBytes ? File.ReadAllLines(file) : [];
        if (lines.Length != 2 || !lines[1].StartsWith(UntilWord, StringComparison.Ordinal) ||
            !DateTimeOffset.TryParse(lines[1].AsSpan(UntilWord.Length), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTimeOffset until) || !AuditKey.TryParse(lines[0], out AuditKey? old))
        {
            throw new AuditStoreException(AuditStoreProblem.Key, $"'{file}' should hold a key that was replaced, and a line 'until TIME'. Put it back from its backup; if nobody needs the old key any more, move it away.");
        }

        if (until <= now || old.Key.Name != present.Key.Name || old.Key.Equals(present.Key))
        {
            old.Dispose();
            return null;
        }

        return new RetiringKey(old, until);
    }
}
