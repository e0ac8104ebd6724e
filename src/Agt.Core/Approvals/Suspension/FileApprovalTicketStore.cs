using System.Text.Json;
using Agt.Values;

namespace Agt.Approvals;

/// <summary>
/// Remembers open tickets in a directory that several processes share. A ticket is a file, and redeeming it makes another one that must not exist yet, which the file system grants to one process
/// only. Thread-safe.
/// </summary>
/// <remarks>
/// For a directory of one machine, or a network share that keeps the promise of exclusive creation (SMB and NFS from version 3 on do). Keep it readable and writable to the host's account
/// alone: who can delete the marks of used tickets can use them again until they expire. Files are removed after eight days, when no ticket counts any more.
/// </remarks>
public sealed class FileApprovalTicketStore : IApprovalTicketStore
{
    private const int LongestFile = 16_384;
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(8);
    private readonly string _directory;
    private readonly int _capacity;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private DateTimeOffset _nextSweep;
    private int _files;

    /// <summary>Opens a store, and makes its directory.</summary>
    /// <param name="directory">The directory, which belongs to the store alone.</param>
    /// <param name="capacity">How many tickets there may be that were opened in the last eight days and not used, 1 to 1,000,000. One more is refused.</param>
    /// <param name="clock">The clock; null for that of the system.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is out of range.</exception>
    /// <exception cref="IOException">The directory cannot be made.</exception>
    public FileApprovalTicketStore(string directory, int capacity = 10_000, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1_000_000);
        _directory = Path.GetFullPath(directory);
        _capacity = capacity;
        _clock = clock ?? TimeProvider.System;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_directory);
        }
        else
        {
            Directory.CreateDirectory(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <inheritdoc/>
    public async ValueTask OpenAsync(OpenApprovalTicket ticket, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        string path = PathOf(ticket.Id, ".open") ?? throw new ArgumentException("The id of a ticket is a Guid.", nameof(ticket));
        MakeRoom();

        // Written aside first: nobody finds half a ticket.
        string aside = Path.Combine(_directory, Path.GetRandomFileName() + ".new");
        try
        {
            await File.WriteAllBytesAsync(aside, Write(ticket), cancellationToken).ConfigureAwait(false);
            File.Move(aside, path, overwrite: false);
        }
        catch (IOException exception)
        {
            throw new InvalidOperationException("Approval tickets: a ticket could not be kept.", exception);
        }
        finally
        {
            File.Delete(aside);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<OpenApprovalTicket?> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (PathOf(id, ".open") is not { } path || !File.Exists(path) || File.Exists(PathOf(id, ".used")))
        {
            return null;
        }

        try
        {
            return await ReadAsync(path, id, cancellationToken).ConfigureAwait(false);
        }
        catch (FileNotFoundException)
        {
            // Redeemed and removed by somebody else in between.
            return null;
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryRedeemAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (PathOf(id, ".open") is not { } path || !File.Exists(path))
        {
            return new(false);
        }

        string mark = PathOf(id, ".used")!;
        try
        {
            using var used = new FileStream(mark, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            used.Flush(flushToDisk: true);
            File.Delete(path);
            return new(true);
        }
        catch (IOException) when (File.Exists(mark))
        {
            return new(false);
        }
    }

    /// <summary>The file of a ticket; null if the id is none, and could lead anywhere.</summary>
    private string? PathOf(string id, string ending) => Guid.TryParseExact(id, "D", out Guid guid) ? Path.Combine(_directory, guid.ToString("D") + ending) : null;

    private void MakeRoom()
    {
        lock (_lock)
        {
            DateTimeOffset now = _clock.GetUtcNow();
            if (now >= _nextSweep || _files >= _capacity)
            {
                _nextSweep = now + SweepEvery;
                _files = 0;
                foreach (string path in Directory.EnumerateFiles(_directory))
                {
                    if (now - File.GetLastWriteTimeUtc(path) > KeptFor)
                    {
                        File.Delete(path);
                    }
                    else if (path.EndsWith(".open", StringComparison.Ordinal))
                    {
                        _files++;
                    }
                }
            }

            if (_files >= _capacity)
            {
                throw new InvalidOperationException($"Approval tickets: there are {_capacity} already.");
            }

            _files++;
        }
    }

    private static byte[] Write(OpenApprovalTicket ticket)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("v", 1);
            json.WriteString("id", ticket.Id);
            json.WriteString("digest", ticket.ActionDigest.ToString());
            json.WriteString("session", ticket.Session.Value);
            json.WriteString("agent", ticket.Principal.Agent.Value);
            json.WriteString("user", ticket.Principal.User);
            json.WriteString("tenant", ticket.Principal.Tenant);
            json.WriteNumber("exp", ticket.ExpiresAt.ToUnixTimeSeconds());
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The file is none of a ticket.</exception>
    private static async ValueTask<OpenApprovalTicket> ReadAsync(string path, string id, CancellationToken cancellationToken)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > LongestFile)
            {
                throw new InvalidDataException($"The approval ticket {id} is too long a file.");
            }

            using JsonDocument document = await JsonDocument.ParseAsync(stream, default, cancellationToken).ConfigureAwait(false);
            JsonElement ticket = document.RootElement;
            return ticket.GetProperty("v").GetInt32() == 1 && ticket.GetProperty("id").GetString() == id && Digest.TryParse(ticket.GetProperty("digest").GetString(), out Digest digest)
                ? new OpenApprovalTicket(
                    id,
                    digest,
                    new SessionId(ticket.GetProperty("session").GetString()!),
                    new Principal(AgentId.Parse(ticket.GetProperty("agent").GetString()!), ticket.GetProperty("user").GetString(), ticket.GetProperty("tenant").GetString()),
                    DateTimeOffset.FromUnixTimeSeconds(ticket.GetProperty("exp").GetInt64()))
                : throw new InvalidDataException($"The approval ticket {id} is not readable.");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"The approval ticket {id} is not readable.", exception);
        }
    }
}
