using Agt.Values;

namespace Agt.Policy.Limits;

/// <summary>
/// What a result looks like, in 8 KB whatever its size: how often each run of three characters occurs in its first 16,384, counted in buckets. Two profiles are as similar as the runs
/// that they share (Dice's coefficient), from 0 to 1. Linear in time, the same on every machine. Read into by one thread at a time.
/// </summary>
internal sealed class OutputProfile
{
    private const int Buckets = 4_096;
    private const int MostCharacters = 16_384;
    private const int MostNodes = 4_096;
    private readonly ushort[] _counts = new ushort[Buckets];
    private readonly Stack<GovernedValue> _rest = new();
    private uint _run;
    private int _read;
    private int _total;

    internal static OutputProfile Of(GovernedValue output)
    {
        var profile = new OutputProfile();
        profile.Read(output);
        return profile;
    }

    /// <summary>Forgets what it was, and becomes that of a result.</summary>
    internal void Read(GovernedValue output)
    {
        Array.Clear(_counts);
        (_run, _read, _total) = (0, 0, 0);
        Add('\u0002');
        _rest.Push(output);
        for (int nodes = 0; nodes < MostNodes && _rest.TryPop(out GovernedValue next); nodes++)
        {
            Add(next);
        }

        _rest.Clear();
        Add('\u0003');
    }

    /// <summary>How much two results share, 1 for the same.</summary>
    internal double SimilarityTo(OutputProfile other)
    {
        if (_total + other._total == 0)
        {
            return 1;
        }

        int shared = 0;
        for (int i = 0; i < Buckets; i++)
        {
            shared += Math.Min(_counts[i], other._counts[i]);
        }

        return 2.0 * shared / (_total + other._total);
    }

    private void Add(GovernedValue value)
    {
        if (value.TryGetText(out ReadOnlySpan<char> text))
        {
            Add(text);
        }
        else if (value.NumberText() is { } number)
        {
            Add(number);
        }
        else if (value.TryGetBoolean(out bool flag))
        {
            Add(flag ? "true" : "false");
        }
        else
        {
            // Pushed backwards, so that they come in order.
            for (int i = Math.Min(value.Count, MostNodes) - 1; i >= 0; i--)
            {
                if (value.Kind == ValueKind.Map)
                {
                    ValueMember member = value.MemberAt(i);
                    _rest.Push(member.Value);
                    _rest.Push(GovernedValue.From(member.Name));
                }
                else
                {
                    _rest.Push(value[i]);
                }
            }
        }

        Add('\u0004');
    }

    private void Add(ReadOnlySpan<char> text)
    {
        foreach (char c in text[..Math.Min(text.Length, Math.Max(0, MostCharacters - _read))])
        {
            Add(c);
        }
    }

    private void Add(char c)
    {
        // Three characters of 16 bits do not fit 32, so that the oldest fades instead of leaving at once; a multiplication spreads them.
        _run = (_run << 11) ^ c;
        if (++_read < 3)
        {
            return;
        }

        ref ushort count = ref _counts[(_run * 2_654_435_761) >> 20];
        if (count < ushort.MaxValue)
        {
            count++;
            _total++;
        }
    }
}
