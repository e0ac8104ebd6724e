using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Agt.Audit.Records;

/// <summary>
/// Makes the ids of records: UUIDs of version 7 (RFC 9562, 5.7) worked out from the run, the decision and its time, so that an outcome can name its decision without anybody remembering it.
/// </summary>
/// <remarks>Immutable and thread-safe. Within a run two decisions never share an id; between runs, 74 random bits keep them apart.</remarks>
internal sealed class RecordIds
{
    private readonly ulong _run;
    private readonly uint _high;

    internal RecordIds()
        : this(RandomNumberGenerator.GetBytes(16))
    {
    }

    internal RecordIds(byte[] run)
    {
        _run = BinaryPrimitives.ReadUInt64LittleEndian(run);
        _high = BinaryPrimitives.ReadUInt32LittleEndian(run.AsSpan(8));
        Emitter = Convert.ToHexStringLower(run);
    }

    /// <summary>Names this run of this process.</summary>
    internal string Emitter { get; }

    /// <summary>The id of the record of a decision.</summary>
    internal Guid OfDecision(DateTimeOffset admitted, DecisionId decision) => Make(admitted, Mix(decision.Value ^ _run));

    /// <summary>The id of any other record.</summary>
    /// <param name="time">When.</param>
    /// <param name="sequence">Its number among the records of the run.</param>
    internal Guid OfSequence(DateTimeOffset time, long sequence) => Make(time, Mix((ulong)sequence ^ ~_run) ^ 0x5555_5555_5555_5555);

    /// <summary>A permutation of 64 bits (the finalizer of MurmurHash3): different in, different out.</summary>
    private static ulong Mix(ulong value)
    {
        value ^= value >> 33;
        value *= 0xff51afd7ed558ccd;
        value ^= value >> 33;
        value *= 0xc4ceb9fe1a85ec53;
        return value ^ (value >> 33);
    }

    private Guid Make(DateTimeOffset time, ulong unique)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, time.ToUnixTimeMilliseconds() << 16);

        // Version 7; two bits of the unique number and ten of the run; the variant; the other 62 bits.
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)(0x7000 | (uint)(unique >> 62) << 10 | (_high & 0x3ff)));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], 0x8000_0000_0000_0000 | (unique & 0x3fff_ffff_ffff_ffff));
        return new Guid(bytes, bigEndian: true);
    }
}
