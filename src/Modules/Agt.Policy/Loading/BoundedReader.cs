namespace Agt.Policy.Loading;

/// <summary>Reads a stream to its end, unless that is too far.</summary>
internal static class BoundedReader
{
    /// <summary>All bytes, or null if there are more than <paramref name="most"/>.</summary>
    internal static byte[]? Read(Stream stream, int most)
    {
        long known = stream.CanSeek ? stream.Length - stream.Position : 0;
        if (known > most)
        {
            return null;
        }

        // One byte more than is expected tells whether the end has come.
        byte[] bytes = new byte[Math.Max(known, 255) + 1];
        int count = 0;
        while (true)
        {
            int read = stream.Read(bytes, count, bytes.Length - count);
            count += read;
            if (count > most)
            {
                return null;
            }

            if (read == 0)
            {
                return bytes.Length == count ? bytes : bytes[..count];
            }

            if (count == bytes.Length)
            {
                Array.Resize(ref bytes, (int)Math.Min((long)count * 2, (long)most + 1));
            }
        }
    }
}
