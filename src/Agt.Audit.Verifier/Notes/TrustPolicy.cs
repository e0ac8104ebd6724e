using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Agt.Audit.Notes;

/// <summary>
/// Which logs are trusted, and which witnesses must have seen a checkpoint before it is believed (C2SP tlog-policy). Immutable and thread-safe.
/// </summary>
public sealed class TrustPolicy
{
    private const int MaxCharacters = 1024 * 1024;
    private const int MaxNames = 1_024;
    private readonly List<VerifierKey> _logs = [];
    private readonly Dictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly HashSet<string> _listed = new(StringComparer.Ordinal);
    private Member? _quorum;
    private bool _hasQuorum;

    private TrustPolicy()
    {
    }

    /// <summary>The keys of the logs.</summary>
    public IReadOnlyList<VerifierKey> Logs => _logs;

    /// <summary>The keys of the witnesses.</summary>
    public IReadOnlyList<VerifierKey> Witnesses => [.. _members.Values.Where(member => member.Key is not null).Select(member => member.Key!)];

    /// <summary>Whether checkpoints need witnesses. Without them (<c>quorum none</c>), a log that shows different people different trees is not found out.</summary>
    public bool RequiresWitnesses => _quorum is not null;

    /// <summary>The policy that trusts one log and asks for no witness.</summary>
    /// <param name="log">The log's key.</param>
    public static TrustPolicy Of(VerifierKey log)
    {
        ArgumentNullException.ThrowIfNull(log);
        var policy = new TrustPolicy { _hasQuorum = true };
        policy._logs.Add(log);
        return policy;
    }

    /// <summary>Reads a policy file.</summary>
    /// <param name="text">Its text, lines that end with a line feed.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="error">What is wrong and in which line, if it is none.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out TrustPolicy? policy, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        policy = null;
        if (text.Length > MaxCharacters)
        {
            error = $"A trust policy has at most {MaxCharacters} characters.";
            return false;
        }

        var read = new TrustPolicy();
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim(' ', '\t');
            string? problem = line.Length == 0 || line[0] == '#' ? null
                : line.Any(c => c is < ' ' and not '\t' or '\u007f') ? "there is a control character; lines end with a line feed alone."
                : read.Add(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
            if (problem is not null)
            {
                error = string.Create(CultureInfo.InvariantCulture, $"Line {i + 1}: {problem}");
                return false;
            }
        }

        error = read._hasQuorum ? null : "There is no 'quorum' line; 'quorum none' asks for no witness.";
        policy = error is null ? read : null;
        return error is null;
    }

    /// <summary>Whether a checkpoint is to be believed: signed by a log of the policy, and seen by enough witnesses.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="error">Why not, if not.</param>
    public bool IsSatisfiedBy(SignedCheckpoint checkpoint, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (!checkpoint.Note.TryVerify([.. _logs, .. Witnesses], out IReadOnlyList<VerifiedSignature> verified, out error))
        {
            return false;
        }

        if (!verified.Any(signature => signature.Key.Name == checkpoint.Checkpoint.Origin && _logs.Contains(signature.Key)))
        {
            error = $"No log of the policy signed the checkpoint of '{checkpoint.Checkpoint.Origin}'.";
            return false;
        }

        var seen = verified.Select(signature => signature.Key).ToHashSet();
        error = _quorum is null || _quorum.IsSatisfiedBy(seen) ? null : "Not enough witnesses of the policy have cosigned the checkpoint.";
        return error is null;
    }

    private string? Add(string[] items) => items[0] switch
    {
        "log" => AddLog(items),
        "witness" => AddWitness(items),
        "group" => AddGroup(items),
        "quorum" => AddQuorum(items),
        _ => $"'{items[0]}' is not one of log, witness, group, quorum.",
    };

    private string? AddLog(string[] items)
    {
        if (items.Length is not (2 or 3) || !VerifierKey.TryParse(items[1], out VerifierKey? key) || key.Type != VerifierKey.Ed25519Type)
        {
            return "a log is 'log <vkey> [<url>]', and its key has type 1.";
        }

        if (_logs.Exists(other => other.PublicKey.SequenceEqual(key.PublicKey)))
        {
            return "this log's key stands in another line already.";
        }

        _logs.Add(key);
        return _logs.Count > MaxNames ? "there are too many logs." : null;
    }

    private string? AddWitness(string[] items)
    {
        if (items.Length is not (3 or 4) || !VerifierKey.TryParse(items[2], out VerifierKey? key) || key.Type != VerifierKey.CosignatureType)
        {
            return "a witness is 'witness <name> <vkey> [<url>]', and its key has type 4.";
        }

        foreach (Member member in _members.Values)
        {
            if (member.Key is { } other && other.PublicKey.SequenceEqual(key.PublicKey))
            {
                return "this witness's key stands in another line already.";
            }
        }

        return Name(items[1], new Member(key, 1, []));
    }

    private string? AddGroup(string[] items)
    {
        if (items.Length < 4)
        {
            return "a group is 'group <name> all|any|<number> <member>...'.";
        }

        var members = new List<Member>();
        foreach (string name in items.AsSpan(3))
        {
            if (!_members.TryGetValue(name, out Member? member))
            {
                return $"'{name}' is no witness or group of a line above.";
            }

            if (!_listed.Add(name))
            {
                return $"'{name}' is a member already; each name counts once.";
            }

            members.Add(member);
        }

        int needed = items[2] switch
        {
            "all" => members.Count,
            "any" => 1,
            string number when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int count) => count,
            _ => 0,
        };
        return needed < 1 || needed > members.Count ? $"'{items[2]}' of {members.Count} members cannot be: 'all', 'any' or a number from 1 to {members.Count}." : Name(items[1], new Member(null, needed, members));
    }

    private string? AddQuorum(string[] items)
    {
        if (_hasQuorum)
        {
            return "there is a quorum already.";
        }

        if (items.Length != 2 || (items[1] != "none" && !_members.TryGetValue(items[1], out _quorum)))
        {
            return "a quorum is 'quorum none', or 'quorum' and a witness or group of a line above.";
        }

        _hasQuorum = true;
        return null;
    }

    private string? Name(string name, Member member) =>
        name == "none" ? "'none' is no name."
        : _members.Count >= MaxNames ? "there are too many witnesses and groups."
        : _members.TryAdd(name, member) ? null : $"'{name}' is defined already.";

    private sealed record Member(VerifierKey? Key, int Needed, IReadOnlyList<Member> Members)
    {
        internal bool IsSatisfiedBy(HashSet<VerifierKey> seen) =>
            Key is not null ? seen.Contains(Key) : Members.Count(member => member.IsSatisfiedBy(seen)) >= Needed;
    }
}
