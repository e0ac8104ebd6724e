using System.Runtime.CompilerServices;

namespace Agt.Values;

/// <summary>
/// Memory that holds one frozen payload. Written once through the <c>Begin</c>, <c>Name</c>, <c>Write</c> and <c>End</c> methods, then only read.
/// </summary>
/// <remarks>
/// An arena rented from a <see cref="ValueArenaPool"/> goes back when its last lease is released; values that still point into it then throw
/// <see cref="ObjectDisposedException"/> instead of showing another payload. Writing is for one thread; reading is thread-safe.
/// </remarks>
public sealed partial class ValueArena
{
    private const int SortFrom = 16;
    private readonly ValueArenaPool? _pool;
    private ValueEntry[] _entries;
    private ValueEntry[] _scratch;
    private Frame[] _frames;
    private char[] _chars;
    private string?[]? _names;
    private int _entryCount;
    private int _scratchCount;
    private int _scratchUsed;
    private int _depth;
    private int _charCount;
    private int _characters;
    private int _leases = 1;
    private string? _name;

    /// <summary>Creates an arena that is never pooled.</summary>
    /// <param name="limits">The bounds of what is written.</param>
    public ValueArena(PayloadLimits limits)
        : this(limits, null)
    {
    }

    internal ValueArena(PayloadLimits limits, ValueArenaPool? pool)
    {
        ArgumentNullException.ThrowIfNull(limits);
        Limits = limits;
        _pool = pool;
        _entries = new ValueEntry[16];
        _scratch = new ValueEntry[16];
        _frames = new Frame[4];
        _chars = [];
    }

    /// <summary>The bounds of what is written.</summary>
    public PayloadLimits Limits { get; }

    internal int Generation { get; private set; }

    /// <summary>Starts a map; name each member before writing it.</summary>
    /// <exception cref="PayloadException">Too deep.</exception>
    public void BeginMap() => Begin(ValueKind.Map);

    /// <summary>Starts a list.</summary>
    /// <exception cref="PayloadException">Too deep.</exception>
    public void BeginList() => Begin(ValueKind.List);

    /// <summary>Names the member written next.</summary>
    /// <exception cref="PayloadException">The name starts with U+0000 (kept for canonical forms) or the text limit is reached.</exception>
    public void Name(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length > 0 && name[0] == '\0')
        {
            throw new PayloadException(ReasonCodes.RequestInvalid, "A member name starts with U+0000.");
        }

        Account(name.Length);
        _name = name;
    }

    /// <summary>Writes a value that is already frozen; containers and arena texts of other arenas are copied.</summary>
    /// <param name="value">The value.</param>
    /// <param name="source">The immutable object it stands for, if the effect should get that back.</param>
    public void Write(GovernedValue value, object? source = null)
    {
        if (value.Arena is { } other && other != this)
        {
            value = CopyInto(value);
        }
        else if (value.TryGetText(out ReadOnlySpan<char> text))
        {
            Account(text.Length);
        }

        Append(value, source);
    }

    /// <summary>Writes text by copying its characters.</summary>
    public void WriteText(ReadOnlySpan<char> text) => Append(StoreText(text), null);

    /// <summary>Ends the container begun last and returns it.</summary>
    /// <param name="uniqueNames">True when the source cannot repeat a name (a dictionary), which saves the check.</param>
    /// <exception cref="PayloadException">A member name is repeated.</exception>
    public GovernedValue End(bool uniqueNames = false)
    {
        if (_depth == 0)
        {
            throw new InvalidOperationException("No container is open.");
        }

        Frame frame = _frames[--_depth];
        _frames[_depth] = default;
        _scratchUsed = Math.Max(_scratchUsed, _scratchCount);
        int count = _scratchCount - frame.ScratchStart;
        if (_entryCount + count > GovernedValue.MaxIndex)
        {
            throw TooMany();
        }

        EnsureEntries(count);
        Span<ValueEntry> range = _entries.AsSpan(_entryCount, count);
        _scratch.AsSpan(frame.ScratchStart, count).CopyTo(range);
        if (frame.Kind == ValueKind.Map)
        {
            SettleMembers(range, uniqueNames);
        }

        GovernedValue value = GovernedValue.InArena(this, frame.Kind, _entryCount, count);
        _entryCount += count;
        _scratchCount = frame.ScratchStart;
        _name = frame.Name;
        if (_depth > 0)
        {
            Append(value, frame.Source);
        }

        return value;
    }

    /// <summary>A copy in this arena of a value from anywhere.</summary>
    /// <exception cref="PayloadException">Beyond the limits.</exception>
    public GovernedValue Copy(GovernedValue value) => value.Arena is null || value.Arena == this ? value : CopyInto(value);

    /// <summary>Adds a lease: the arena stays readable until each lease is released.</summary>
    public void AddLease()
    {
        if (_pool is null)
        {
            return;
        }

        int leases = Volatile.Read(ref _leases);
        while (true)
        {
            ObjectDisposedException.ThrowIf(leases <= 0, this);
            int seen = Interlocked.CompareExchange(ref _leases, leases + 1, leases);
            if (seen == leases)
            {
                return;
            }

            leases = seen;
        }
    }

    /// <summary>Releases one lease; the last one returns a pooled arena to its pool. The renter holds the first.</summary>
    public void Release()
    {
        if (_pool is null)
        {
            return;
        }

        int left = Interlocked.Decrement(ref _leases);
        if (left == 0)
        {
            Reset();
            _pool.Return(this);
        }
        else if (left < 0)
        {
            throw new ObjectDisposedException(nameof(ValueArena), "Released more often than leased.");
        }
    }

    internal static int IndexOf(ReadOnlySpan<ValueEntry> entries, string name)
    {
        if (entries.Length > SortFrom)
        {
            return SortedIndexOf(entries, name);
        }

        for (int i = 0; i < entries.Length; i++)
        {
            string? candidate = entries[i].Name;
            if (ReferenceEquals(candidate, name) || string.Equals(candidate, name))
            {
                return i;
            }
        }

        return -1;
    }

    internal void Revive() => Volatile.Write(ref _leases, 1);

    internal ReadOnlySpan<ValueEntry> EntrySpan(int generation, int start, int count)
    {
        if (generation != (Generation & GovernedValue.GenerationMask))
        {
            ThrowReturned();
        }

        return _entries.AsSpan(start, count);
    }

    internal ReadOnlySpan<char> TextSpan(int generation, int start, int count)
    {
        if (generation != (Generation & GovernedValue.GenerationMask))
        {
            ThrowReturned();
        }

        return _chars.AsSpan(start, count);
    }

    private static int SortedIndexOf(ReadOnlySpan<ValueEntry> entries, string name)
    {
        int low = 0;
        int high = entries.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = string.CompareOrdinal(entries[middle].Name, name);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return -1;
    }

    private static void SettleMembers(Span<ValueEntry> members, bool uniqueNames)
    {
        if (members.Length > SortFrom)
        {
            members.Sort(static (left, right) => string.CompareOrdinal(left.Name, right.Name));
            for (int i = 1; i < members.Length && !uniqueNames; i++)
            {
                if (members[i].Name == members[i - 1].Name)
                {
                    throw Repeated();
                }
            }
        }
        else if (!uniqueNames)
        {
            for (int i = 1; i < members.Length; i++)
            {
                if (IndexOf(members[..i], members[i].Name!) >= 0)
                {
                    throw Repeated();
                }
            }
        }
    }

    private static void ThrowReturned() =>
        throw new ObjectDisposedException(nameof(ValueArena), "The payload was released when its operation ended. Keep a copy with Detach().");

    private static PayloadException TooMany() => new(ReasonCodes.ResourceLimitExceeded, "A payload has too many values.");

    private static PayloadException Repeated() => new(ReasonCodes.RequestInvalid, "A member name is repeated.");

    private void Begin(ValueKind kind, object? source = null)
    {
        if (_depth >= Limits.MaxDepth)
        {
            throw new PayloadException(ReasonCodes.ResourceLimitExceeded, $"A payload is nested deeper than {Limits.MaxDepth} levels.");
        }

        if (_depth == _frames.Length)
        {
            Array.Resize(ref _frames, _depth * 2);
        }

        _frames[_depth++] = new Frame { Kind = kind, ScratchStart = _scratchCount, Name = _name, Source = source };
        _name = null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Append(GovernedValue value, object? source)
    {
        if (_depth == 0 || (_frames[_depth - 1].Kind == ValueKind.Map && _name is null))
        {
            ThrowMisuse();
        }

        if (_scratchCount == _scratch.Length)
        {
            Grow();
        }

        ref ValueEntry entry = ref _scratch[_scratchCount++];
        entry.Name = _name;
        entry.Value = value;
        entry.Source = source;
        _name = null;
    }

    private void ThrowMisuse() => throw new InvalidOperationException(
        _depth == 0 ? "Begin a container before writing into the arena." : "Name the member before writing it.");

    private void Grow()
    {
        if (_scratchCount + _entryCount >= Limits.MaxValues)
        {
            throw TooMany();
        }

        Array.Resize(ref _scratch, _scratch.Length * 2);
    }

    private void EnsureEntries(int more)
    {
        int needed = _entryCount + more;
        if (needed > Limits.MaxValues)
        {
            throw TooMany();
        }

        if (needed > _entries.Length)
        {
            Array.Resize(ref _entries, Math.Max(needed, _entries.Length * 2));
        }
    }

    private void Account(int characters)
    {
        if (characters > Limits.MaxCharacters - _characters)
        {
            throw TooLong();
        }

        _characters += characters;
    }

    private PayloadException TooLong() =>
        new(ReasonCodes.ResourceLimitExceeded, $"A payload has more than {Limits.MaxCharacters} characters.");

    private GovernedValue StoreText(ReadOnlySpan<char> text)
    {
        Span<char> room = TextRoom(text.Length);
        text.CopyTo(room);
        return TakeText(text.Length);
    }

    private Span<char> TextRoom(int most)
    {
        // JSON writes a character in six bytes at most; what is too long in any case gets no memory.
        if (most / 6 > Limits.MaxCharacters - _characters)
        {
            throw TooLong();
        }

        int needed = _charCount + most;
        if (needed > _chars.Length)
        {
            Array.Resize(ref _chars, Math.Max(needed, Math.Max(256, _chars.Length * 2)));
        }

        return _chars.AsSpan(_charCount, most);
    }

    private GovernedValue TakeText(int length)
    {
        Account(length);
        GovernedValue value = GovernedValue.InArena(this, ValueKind.String, _charCount, length);
        _charCount += length;
        return value;
    }

    private GovernedValue CopyInto(GovernedValue value)
    {
        if (value.TryGetText(out ReadOnlySpan<char> text))
        {
            return StoreText(text);
        }

        ReadOnlySpan<ValueEntry> entries = value.Entries();
        int depth = _depth;
        Begin(value.Kind);
        foreach (ref readonly ValueEntry entry in entries)
        {
            _name = entry.Name;
            Account(entry.Name?.Length ?? 0);
            GovernedValue child = entry.Value;
            if (child.Arena is { } other && other != this)
            {
                string? name = _name;
                child = CopyInto(child);
                _name = name;
            }

            Append(child, entry.Source);
        }

        return depth == 0 ? End(uniqueNames: true) : EndDetached();
    }

    /// <summary>Ends the container without adding it to its parent.</summary>
    private GovernedValue EndDetached()
    {
        int depth = _depth;
        _depth = 1;
        (_frames[0], _frames[depth - 1]) = (_frames[depth - 1], _frames[0]);
        GovernedValue value = End(uniqueNames: true);
        (_frames[0], _frames[depth - 1]) = (_frames[depth - 1], _frames[0]);
        _depth = depth - 1;
        return value;
    }

    private void Reset()
    {
        Generation++;
        Array.Clear(_entries, 0, _entryCount);
        Array.Clear(_scratch, 0, Math.Max(_scratchUsed, _scratchCount));
        Array.Clear(_frames, 0, _depth);
        _scratchUsed = 0;
        _entryCount = 0;
        _scratchCount = 0;
        _depth = 0;
        _charCount = 0;
        _characters = 0;
        _name = null;
    }

    /// <summary>Whether the arena is small enough to be kept for reuse, and has generations left: none is ever used twice.</summary>
    internal bool IsReusable => Generation < GovernedValue.GenerationMask && _entries.Length <= 4_096 && _chars.Length <= 65_536 && _scratch.Length <= 4_096;

    private struct Frame
    {
        internal ValueKind Kind;
        internal int ScratchStart;
        internal string? Name;
        internal object? Source;
    }
}
