using System.Collections.Concurrent;

namespace Agt.Storage.Sqlite;

/// <summary>Connections to read with, one for each reader at a time; some are kept for the next one.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class SqliteReaders(string path) : IDisposable
{
    private const int Kept = 8;
    private readonly ConcurrentBag<Reader> _idle = [];
    private int _closed;

    /// <summary>Reads something with a connection that nobody else has meanwhile.</summary>
    internal TResult Read<TState, TResult>(TState state, Func<Reader, TState, TResult> read)
    {
        Reader reader = Take();
        bool sound = false;
        try
        {
            TResult result = read(reader, state);
            sound = true;
            return result;
        }
        finally
        {
            Give(reader, sound);
        }
    }

    internal Reader Take()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed) != 0, this);
        return _idle.TryTake(out Reader? reader) ? reader : new Reader(SqliteDatabase.Open(path, write: false));
    }

    internal void Give(Reader reader, bool sound)
    {
        if (!sound || _idle.Count >= Kept)
        {
            reader.Dispose();
            return;
        }

        _idle.Add(reader);
        if (Volatile.Read(ref _closed) != 0)
        {
            Drain();
        }
    }

    public void Dispose()
    {
        Volatile.Write(ref _closed, 1);
        Drain();
    }

    private void Drain()
    {
        while (_idle.TryTake(out Reader? reader))
        {
            reader.Dispose();
        }
    }

    /// <summary>A connection and what is looked up with it.</summary>
    internal sealed class Reader(SqliteDatabase database) : IDisposable
    {
        internal SqliteDatabase Database => database;

        internal SqliteIndex Index { get; } = new(database);

        public void Dispose() => database.Dispose();
    }
}
