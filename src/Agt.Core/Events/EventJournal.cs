using System.Text;

namespace Agt.Events;

/// <summary>
/// Where events wait that may not be lost: a file of one JSON line each, or memory. Lines are appended with one write and handed to the operating system at once; a line that a crash has
/// torn is passed over. Not thread-safe.
/// </summary>
internal sealed class EventJournal : IDisposable
{
    private readonly long _maxBytes;
    private readonly FileStream? _file;
    private readonly Queue<string> _memory = new();
    private long _readAt;

    private EventJournal(long maxBytes, FileStream? file)
    {
        _maxBytes = maxBytes;
        _file = file;
        if (file is { Length: > 0 })
        {
            file.Seek(-1, SeekOrigin.End);
            if (file.ReadByte() != '\n')
            {
                file.WriteByte((byte)'\n');
                file.Flush();
            }
        }
    }

    /// <summary>Whether anything waits.</summary>
    internal bool IsEmpty => _file is null ? _memory.Count == 0 : _readAt >= _file.Length;

    internal static EventJournal Open(string? folder, string sink, long maxBytes)
    {
        if (folder is null)
        {
            return new EventJournal(maxBytes, null);
        }

        Directory.CreateDirectory(folder);
        string name = string.Concat(sink.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));

        // One process at a time: two would export the same lines, and one would cut off the other's.
        return new EventJournal(maxBytes, new FileStream(Path.Combine(folder, name + ".events.jsonl"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1));
    }

    /// <summary>Keeps an event; false if there is no room.</summary>
    internal bool TryAdd(EventEnvelope envelope)
    {
        string line = envelope.ToJson();
        if (_file is null)
        {
            if (_memory.Count >= _maxBytes / 1_024)
            {
                return false;
            }

            _memory.Enqueue(line);
            return true;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
        if (_file.Length + bytes.Length > _maxBytes)
        {
            return false;
        }

        _file.Seek(0, SeekOrigin.End);
        _file.Write(bytes);
        _file.Flush();
        return true;
    }

    /// <summary>The oldest events, which stay until <see cref="Remove"/>.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="until">What to hand to <see cref="Remove"/>.</param>
    internal List<EventEnvelope> Peek(int most, out long until)
    {
        var found = new List<EventEnvelope>();
        until = _readAt;
        if (_file is null)
        {
            foreach (string line in _memory.Take(most))
            {
                found.Add(EventEnvelope.Parse(line));
            }

            until = found.Count;
            return found;
        }

        _file.Seek(_readAt, SeekOrigin.Begin);
        var bytes = new List<byte>();
        Span<byte> buffer = stackalloc byte[4_096];
        int read;
        while (found.Count < most && (read = _file.Read(buffer)) > 0)
        {
            foreach (byte b in buffer[..read])
            {
                if (b != '\n')
                {
                    bytes.Add(b);
                    continue;
                }

                until += bytes.Count + 1;
                if (TryParse(bytes) is { } envelope)
                {
                    found.Add(envelope);
                }

                bytes.Clear();
                if (found.Count == most)
                {
                    break;
                }
            }
        }

        return found;
    }

    /// <summary>Forgets what was exported.</summary>
    internal void Remove(long until)
    {
        if (_file is null)
        {
            for (long i = 0; i < until; i++)
            {
                _memory.Dequeue();
            }

            return;
        }

        _readAt = until;
        if (_readAt >= _file.Length)
        {
            _file.SetLength(0);
            _file.Flush();
            _readAt = 0;
        }
        else if (_readAt > 65_536 && _readAt > _file.Length / 2)
        {
            Compact(_file);
        }
    }

    /// <summary>Moves what waits to the beginning. It goes where nothing waits any more, so that a crash in between loses nothing, though it may repeat some.</summary>
    private void Compact(FileStream file)
    {
        byte[] rest = new byte[file.Length - _readAt];
        file.Seek(_readAt, SeekOrigin.Begin);
        file.ReadExactly(rest);
        file.Seek(0, SeekOrigin.Begin);
        file.Write(rest);
        file.Flush();
        file.SetLength(rest.Length);
        _readAt = 0;
    }

    public void Dispose() => _file?.Dispose();

    private static EventEnvelope? TryParse(List<byte> line)
    {
        try
        {
            return EventEnvelope.Parse(Encoding.UTF8.GetString([.. line]));
        }
        catch (FormatException)
        {
            // A crash tore this line; what is left of it is no event.
            return null;
        }
    }
}
