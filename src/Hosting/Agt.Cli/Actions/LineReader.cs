namespace Agt.Cli;

/// <summary>Reads lines of bytes in bounded memory. A line that is too long is read to its end and reported as such. Not thread-safe.</summary>
internal sealed class LineReader(Stream stream, int most)
{
    private byte[] _buffer = new byte[Math.Min(most, 64 * 1024)];
    private int _start;
    private int _end;
    private bool _ended;
    private bool _skipping;

    /// <summary>The number of the line read last, from 1.</summary>
    internal long Number { get; private set; }

    /// <summary>Whether the line read last was too long; then it is empty.</summary>
    internal bool IsTooLong { get; private set; }

    /// <summary>The line read last, without its end. Valid until the next call.</summary>
    internal ReadOnlyMemory<byte> Current { get; private set; }

    /// <summary>Whether a whole line is at hand, so that reading it waits for nobody.</summary>
    internal bool HasBufferedLine => _buffer.AsSpan(_start, _end - _start).Contains((byte)'\n');

    internal async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        int seen = 0;
        while (true)
        {
            int end = _buffer.AsSpan(_start + seen, _end - _start - seen).IndexOf((byte)'\n');
            if (end >= 0)
            {
                return Take(seen + end, 1);
            }

            seen = _end - _start;
            if (seen >= most)
            {
                _skipping = true;
                _start = _end = seen = 0;
            }

            if (_ended)
            {
                return (seen > 0 || _skipping) && Take(seen, 0);
            }

            MakeRoom();
            int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            _ended = read == 0;
            _end += read;
        }
    }

    private bool Take(int length, int terminator)
    {
        Number++;
        IsTooLong = _skipping;
        ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, length);
        if (Number == 1 && line.Span.StartsWith("\uFEFF"u8))
        {
            line = line[3..];
        }

        Current = IsTooLong ? default : line.Length > 0 && line.Span[^1] == (byte)'\r' ? line[..^1] : line;
        _start += length + terminator;
        _skipping = false;
        return true;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, (int)Math.Min((long)_buffer.Length * 2, most));
        }
    }
}
