using System.Globalization;
using Agt.Audit.Notes;
using Agt.Audit.Signing;

namespace Agt.Audit;

/// <content>The key of the log is replaced while it is in use.</content>
public sealed partial class AuditLog
{
    /// <summary>How long an old key signs beside the new one, if nothing else is said.</summary>
    public static readonly TimeSpan DefaultOverlap = TimeSpan.FromDays(7);

    private static readonly TimeSpan LongestOverlap = TimeSpan.FromDays(366);
    private RetiringKey? _retiring;
    private string? _keyFile;

    /// <summary>
    /// Replaces the key of the log by a new one (spec 09, AUD-312). The change is a record of the log, covered by both keys; both sign for a while, so that auditors have the time to take over the new public key. The old
    /// key stays beside the new one, in a file that ends in <c>.old</c>.
    /// </summary>
    /// <param name="actor">Who wants it.</param>
    /// <param name="overlap">How long both sign, up to 366 days; null for <see cref="DefaultOverlap"/>. Zero if the old key is in wrong hands.</param>
    /// <param name="cancellationToken">Ends the wait for the record; nothing has changed then.</param>
    /// <returns>The new public key.</returns>
    /// <exception cref="InvalidOperationException">The key of the log is not in a file: open the log with the new signer, and the old one in <see cref="AuditOptions.Retiring"/>.</exception>
    /// <exception cref="IOException">The record, the checkpoint or a file cannot be written.</exception>
    public async ValueTask<VerifierKey> RotateKeyAsync(string actor, TimeSpan? overlap = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(actor);
        TimeSpan both = overlap ?? DefaultOverlap;
        ArgumentOutOfRangeException.ThrowIfLessThan(both, TimeSpan.Zero, nameof(overlap));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(both, LongestOverlap, nameof(overlap));
        await _retaining.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_keyFile is not { } file || _signer is not AuditKey old)
            {
                throw new InvalidOperationException("The key of the log is not in a file that Agt made. Open the log with the new signer, and the old one as the retiring key.");
            }

            AuditKey next = KeyRotation.Prepare(file, Origin);
            DateTimeOffset until = _time.GetUtcNow() + both;
            var attributes = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["agt.actor"] = actor, ["agt.new_key"] = next.Key.ToString(), ["agt.old_key"] = old.Key.ToString(), ["agt.old_key_until"] = until.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            };
            await AppendAsync(new AuditEvent("config", "log.key_rotated", "rotate key") { Attributes = attributes }, cancellationToken).ConfigureAwait(false);
            lock (_publishing)
            {
                if (_closed)
                {
                    throw new IOException("The audit log has been closed meanwhile; its key was not replaced.");
                }

                // The checkpoint that covers the record is the last of the old key alone, and the first of both.
                long size = _store.Size;
                Sign(size, _tiles.Root(size));
                _retiring = new RetiringKey(old, until);
                _signer = next;
                _owned.Add(next);
                Sign(size, _tiles.Root(size), always: true);
                KeyRotation.Install(file, old, next, until);
            }

            AuditLogMessages.KeyRotated(_logger, Origin, next.Key.ToString());
            return next.Key;
        }
        finally
        {
            _retaining.Release();
        }
    }

    /// <summary>The signatures below a checkpoint: that of the key, and of one that is being replaced.</summary>
    private List<NoteSignature> SignaturesOf(string text, bool withRetiring)
    {
        var signatures = new List<NoteSignature>(2) { SignatureOf(_signer, text) };
        if (_retiring is { } retiring && (withRetiring || _time.GetUtcNow() < retiring.Until))
        {
            signatures.Add(SignatureOf(retiring.Signer, text));
        }

        return signatures;
    }

    private static NoteSignature SignatureOf(IAuditSigner signer, string text) => new(signer.Key.Name, signer.Key.KeyId, signer.Sign(text));
}
