using System.Globalization;
using System.Text;

namespace Agt.Audit.Stores;

/// <content>
/// Drops leaves from the start. The file <c>minimum</c> says first where the log begins from now on; then the files before are removed, and one that holds leaves on both sides is written again without the old
/// ones. Whatever was interrupted is completed when the log is opened.
/// </content>
public sealed partial class SegmentAuditStore
{
    private const int MaxMinimumBytes = 32;
    private long _first;

    /// <inheritdoc />
    public long First => Volatile.Read(ref _first);

    private string MinimumPath => Path.Combine(_directory, "minimum");

    private string SegmentsPath => Path.Combine(_directory, "segments");

    /// <inheritdoc />
    public void Purge(long first)
    {
        RequireWriter();
        PurgePoint.Require(first, Size);
        if (first <= First)
        {
            return;
        }

        ProtectedFiles.Replace(MinimumPath, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{first}\n")));
        Volatile.Write(ref _first, first);
        Drop(first);
    }

    /// <summary>The files that have leaves from a place on. Where one was written again without its old leaves, the old file is none of them.</summary>
    private static (string Path, long First)[] Kept((string Path, long First)[] files, long minimum)
    {
        int begin = Array.FindLastIndex(files, file => file.First <= minimum);
        return begin <= 0 ? files : files[begin..];
    }

    /// <summary>Removes every leaf before a place from the disk.</summary>
    private void Drop(long first)
    {
        if (first == 0)
        {
            return;
        }

        SegmentFile[] segments = _segments;
        if (segments[0].First < first)
        {
            SegmentFile straddling = segments.Last(segment => segment.First <= first);
            if (straddling.First < first)
            {
                if (ReferenceEquals(straddling, segments[^1]))
                {
                    // What is being written is not rewritten: the next batch begins a file of its own.
                    segments = [.. segments, SegmentFile.Create(SegmentsPath, Size)];
                }

                SegmentFile rest = straddling.WriteRest(SegmentsPath, first);
                segments = [rest, .. segments.Where(segment => segment.First > straddling.First)];
            }
            else
            {
                segments = [.. segments.Where(segment => segment.First >= first)];
            }

            // Readers that still hold an old file read on: it is gone when they are done.
            Volatile.Write(ref _segments, segments);
        }

        foreach (string path in Directory.GetFiles(SegmentsPath).Where(path => IsBefore(path, first)))
        {
            File.Delete(path);
        }

        ProtectedFiles.FlushDirectory(SegmentsPath);
    }

    /// <summary>Whether a file belongs to a segment that begins before a place: its leaves, their places, or what was set aside of it.</summary>
    private static bool IsBefore(string path, long first)
    {
        string name = Path.GetFileName(path);
        int end = name.IndexOf('.', StringComparison.Ordinal);
        return end > 0 && long.TryParse(name.AsSpan(0, end), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long begins) && begins < first;
    }

    private long ReadMinimum()
    {
        if (!File.Exists(MinimumPath))
        {
            return 0;
        }

        return new FileInfo(MinimumPath).Length <= MaxMinimumBytes && long.TryParse(File.ReadAllText(MinimumPath).AsSpan().TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out long first) && first % 256 == 0
            ? first
            : throw new AuditStoreException(AuditStoreProblem.Corrupt, $"'{MinimumPath}' should hold the index of the first record that is kept, a multiple of 256. Put it back from the backup.");
    }
}
