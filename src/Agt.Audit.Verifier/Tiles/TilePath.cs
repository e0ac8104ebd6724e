using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Agt.Audit.Merkle;

namespace Agt.Audit.Tiles;

/// <summary>Where a tile or a bundle of entries lies, by C2SP tlog-tiles. A value; thread-safe.</summary>
/// <param name="Level">The level of a tile, 0 for the hashes of leaves; -1 for a bundle of entries.</param>
/// <param name="Index">Its place in the level, from 0.</param>
/// <param name="Width">How many hashes or entries it has, 1 to 256; 256 is full.</param>
public readonly record struct TilePath(int Level, long Index, int Width)
{
    /// <summary>How many hashes or entries a full tile or bundle has.</summary>
    public const int FullWidth = 256;

    private const int MaxLevel = 63;
    private const int EntriesLevel = -1;

    /// <summary>Whether it is a bundle of entries.</summary>
    public bool IsEntries => Level == EntriesLevel;

    /// <summary>Whether it can be a tile of hashes in a store of so many levels.</summary>
    internal bool IsStored(int levels) => Level >= 0 && Level < levels && Index >= 0 && Index < long.MaxValue / FullWidth / LogHash.Size && Width is >= 1 and <= FullWidth;

    /// <summary>The path of a bundle of entries.</summary>
    public static TilePath Entries(long index, int width = FullWidth) => new(EntriesLevel, index, width);

    /// <summary>The path below the root of a log: <c>tile/0/x001/x234/067</c>, <c>tile/entries/000.p/7</c>.</summary>
    public override string ToString()
    {
        var path = new StringBuilder("tile/");
        if (IsEntries)
        {
            path.Append("entries");
        }
        else
        {
            path.Append(Level.ToString(CultureInfo.InvariantCulture));
        }

        string digits = Index.ToString(CultureInfo.InvariantCulture);
        digits = digits.PadLeft((digits.Length + 2) / 3 * 3, '0');
        for (int at = 0; at < digits.Length; at += 3)
        {
            path.Append(at + 3 < digits.Length ? "/x" : "/").Append(digits, at, 3);
        }

        return Width == FullWidth ? path.ToString() : path.Append(".p/").Append(Width.ToString(CultureInfo.InvariantCulture)).ToString();
    }

    /// <summary>Reads a path. Only what <see cref="ToString"/> writes is one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TilePath path)
    {
        path = default;
        if (text is null || text.Length > 128 || !text.StartsWith("tile/", StringComparison.Ordinal))
        {
            return false;
        }

        string[] parts = text["tile/".Length..].Split('/');
        int width = FullWidth;
        if (parts.Length > 2 && parts[^2].EndsWith(".p", StringComparison.Ordinal))
        {
            if (!int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out width) || width is < 1 or >= FullWidth)
            {
                return false;
            }

            parts = [.. parts[..^2], parts[^2][..^2]];
        }

        int level = EntriesLevel;
        if (parts.Length < 2 || (parts[0] != "entries" && (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out level) || level > MaxLevel)))
        {
            return false;
        }

        var digits = new StringBuilder();
        for (int i = 1; i < parts.Length; i++)
        {
            digits.Append(parts[i].TrimStart('x'));
        }

        if (!long.TryParse(digits.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long index))
        {
            return false;
        }

        path = new TilePath(level, index, width);
        return path.ToString() == text;
    }
}
