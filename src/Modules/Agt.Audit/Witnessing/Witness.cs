using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Signing;
using Agt.Audit.Stores;

namespace Agt.Audit.Witnessing;

/// <summary>
/// A witness (C2SP tlog-witness): cosigns a checkpoint of a log it knows only if that log did nothing but grow since the last one it cosigned. A log that has witnesses cannot show different people
/// different trees.
/// </summary>
/// <remarks>Thread-safe; one at a time for each log. What was cosigned is durable before anybody hears of it. Put an HTTP server in front of <see cref="AddCheckpoint"/>, as <c>agt audit witness</c> does.</remarks>
public sealed class Witness
{
    /// <summary>The longest request, in bytes.</summary>
    public const int MaxRequestBytes = SignedNote.MaxBytes + 4_096;

    private const int MaxProof = 63;
    private readonly Dictionary<string, (VerifierKey Key, Lock Lock)> _logs = new(StringComparer.Ordinal);
    private readonly AuditKey _key;
    private readonly string _directory;
    private readonly TimeProvider _time;

    /// <summary>Creates a witness.</summary>
    /// <param name="key">Its key, of type <see cref="VerifierKey.CosignatureType"/>.</param>
    /// <param name="logs">The logs it knows, one key an origin.</param>
    /// <param name="directory">Where it remembers what it cosigned; made with mode 0700 if it is not there.</param>
    /// <param name="time">The clock; null for that of the system.</param>
    /// <exception cref="ArgumentException">The key is that of a log, or two logs have one origin.</exception>
    public Witness(AuditKey key, IEnumerable<VerifierKey> logs, string directory, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(logs);
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        if (key.Key.Type != VerifierKey.CosignatureType)
        {
            throw new ArgumentException("A witness has a key of type 4: agt audit keygen NAME --witness.", nameof(key));
        }

        foreach (VerifierKey log in logs)
        {
            if (log.Type != VerifierKey.Ed25519Type || !_logs.TryAdd(log.Name, (log, new Lock())))
            {
                throw new ArgumentException($"'{log.Name}' is given twice, or is not the key of a log (type 1).", nameof(logs));
            }
        }

        ProtectedFiles.EnsureDirectory(directory);
        _key = key;
        _directory = directory;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>The witness's public key.</summary>
    public VerifierKey Key => _key.Key;

    /// <summary>Answers one request of <c>add-checkpoint</c>.</summary>
    /// <param name="request">Its body: the old size, the consistency proof, an empty line, the checkpoint.</param>
    /// <exception cref="IOException">What was cosigned cannot be remembered; nothing was cosigned then.</exception>
    public WitnessAnswer AddCheckpoint(ReadOnlySpan<byte> request)
    {
        int gap = request.IndexOf("\n\n"u8);
        if (request.Length > MaxRequestBytes || gap < 0 || !SignedCheckpoint.TryParse(request[(gap + 2)..], out SignedCheckpoint? checkpoint, out _) ||
            !TryReadHead(Encoding.UTF8.GetString(request[..gap]), out long oldSize, out LogHash[] proof))
        {
            return new WitnessAnswer(400, "text/plain", "The request is not an old size, a proof, an empty line and a checkpoint.\n");
        }

        Checkpoint next = checkpoint.Checkpoint;
        if (!_logs.TryGetValue(next.Origin, out (VerifierKey Key, Lock Lock) log))
        {
            return new WitnessAnswer(404, "text/plain", "The log is not known here.\n");
        }

        if (!checkpoint.IsSignedBy(log.Key, out _))
        {
            return new WitnessAnswer(403, "text/plain", "The log did not sign this checkpoint.\n");
        }

        if (oldSize > next.Size)
        {
            return new WitnessAnswer(400, "text/plain", "The old size is larger than that of the checkpoint.\n");
        }

        lock (log.Lock)
        {
            SignedCheckpoint? last = Read(log.Key);
            Checkpoint? known = last?.Checkpoint;
            long knownSize = known?.Size ?? 0;
            if (oldSize != knownSize || (known is not null && known.Size == next.Size && known.Root != next.Root))
            {
                if (last is not null && new ForkProof(last, checkpoint) is var fork && fork.Proves(log.Key, out _))
                {
                    ProtectedFiles.Replace(PathOf(next.Origin) + ".fork", fork.ToUtf8());
                }

                return new WitnessAnswer(409, "text/x.tlog.size", knownSize.ToString(CultureInfo.InvariantCulture) + "\n");
            }

            bool grew = knownSize == 0 ? proof.Length == 0 : knownSize == next.Size ? proof.Length == 0 : Proof.VerifyConsistency(knownSize, next.Size, known!.Root, next.Root, proof);
            if (!grew)
            {
                return new WitnessAnswer(422, "text/plain", "The proof does not show that the log only grew.\n");
            }

            ProtectedFiles.Replace(PathOf(next.Origin), checkpoint.Note.ToUtf8());
        }

        return new WitnessAnswer(200, "text/plain", _key.Cosign(next.ToString(), _time.GetUtcNow()) + "\n");
    }

    /// <summary>What was cosigned last.</summary>
    private SignedCheckpoint? Read(VerifierKey log)
    {
        string path = PathOf(log.Name);
        if (!File.Exists(path))
        {
            return null;
        }

        // A state that cannot be read is not the same as none: without it the log could be rolled back.
        return SignedCheckpoint.TryParse(File.ReadAllBytes(path), out SignedCheckpoint? checkpoint, out string? error) && checkpoint.IsSignedBy(log, out error)
            ? checkpoint
            : throw new AuditStoreException(AuditStoreProblem.Corrupt, $"What was cosigned of '{log.Name}' cannot be read from '{path}': {error}");
    }

    private string PathOf(string origin) => Path.Combine(_directory, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin))) + ".checkpoint");

    private static bool TryReadHead(string head, out long oldSize, out LogHash[] proof)
    {
        string[] lines = head.Split('\n');
        proof = [];
        oldSize = 0;
        if (lines.Length > MaxProof + 1 || !lines[0].StartsWith("old ", StringComparison.Ordinal) || !Checkpoint.TryParseSize(lines[0].AsSpan(4), out oldSize))
        {
            return false;
        }

        proof = new LogHash[lines.Length - 1];
        for (int i = 1; i < lines.Length; i++)
        {
            if (!LogHash.TryParseBase64(lines[i], out proof[i - 1]))
            {
                return false;
            }
        }

        return true;
    }
}
