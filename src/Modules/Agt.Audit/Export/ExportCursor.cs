using System.Globalization;
using System.Text;
using Agt.Audit.Stores;

namespace Agt.Audit.Export;

/// <summary>How far a sink has come: a file with the name of the log and the index of the next record, replaced durably. The same form that <c>agt audit export --cursor</c> writes.</summary>
internal static class ExportCursor
{
    private const string Extension = ".cursor";
    private const int MaxBytes = 1_024;

    internal static string PathOf(string directory, string sink) => Path.Combine(directory, "exports", sink + Extension);

    internal static void Write(string path, string origin, long next) => ProtectedFiles.Replace(path, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{origin}\n{next}\n")));

    /// <summary>Reads a cursor; null if there is none.</summary>
    /// <exception cref="InvalidDataException">It is none of this log, or of a longer one.</exception>
    internal static long? Read(string path, string origin, long size)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        string[] lines = new FileInfo(path).Length <= MaxBytes ? File.ReadAllLines(path) : [];
        return lines.Length == 2 && lines[0] == origin && long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out long next) && next <= size
            ? next
            : throw new InvalidDataException($"'{path}' is no cursor of the log '{origin}', or one of a longer log. Remove it to export everything again.");
    }

    /// <summary>The record that the slowest sink of a log waits for; what is behind it must not be purged. The largest number if there is no sink.</summary>
    internal static long Least(string directory, string origin)
    {
        string exports = Path.Combine(directory, "exports");
        return Directory.Exists(exports) ? Directory.GetFiles(exports, "*" + Extension).Select(file => Read(file, origin, long.MaxValue) ?? 0).DefaultIfEmpty(long.MaxValue).Min() : long.MaxValue;
    }
}
