using Agt.Audit.Notes;
using Agt.Audit.Witnessing;

namespace Agt.Audit;

/// <content>Checkpoints are shown to witnesses, and their cosignatures are added to them.</content>
public sealed partial class AuditLog
{
    private readonly SemaphoreSlim _signed = new(0, 1);
    private readonly CancellationTokenSource _witnessesEnd = new();
    private Task _witnessing = Task.CompletedTask;
    private HttpMessageInvoker? _http;

    /// <summary>The size of the latest checkpoint that at least one witness of the log has cosigned; 0 for none.</summary>
    public long WitnessedSize { get; private set; }

    /// <summary>Begins to ask witnesses.</summary>
    private void StartWitnessing(HttpMessageHandler? handler)
    {
        if (_options.Witnesses.Count == 0)
        {
            return;
        }

        _http = new HttpMessageInvoker(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) });
        var client = new WitnessClient([.. _options.Witnesses], _http, _time);
        _witnessing = Task.Run(() => WitnessAsync(client));
    }

    private void TellWitnesses()
    {
        if (_signed.CurrentCount == 0)
        {
            try
            {
                _signed.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else has said so.
            }
        }
    }

    private async Task WitnessAsync(WitnessClient client)
    {
        try
        {
            while (true)
            {
                SignedCheckpoint checkpoint = Checkpoint;
                IReadOnlyList<NoteSignature> cosignatures = await client.AskAsync(
                    checkpoint, _tiles, (witness, problem) => AuditLogMessages.NotWitnessed(_logger, witness.Key.Name, problem), _witnessesEnd.Token).ConfigureAwait(false);
                if (cosignatures.Count > 0)
                {
                    Add(checkpoint, cosignatures);
                }

                await _signed.WaitAsync(_witnessesEnd.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The log is being closed.
        }
        catch (Exception exception)
        {
            AuditLogMessages.WitnessingEnded(_logger, exception);
        }
    }

    /// <summary>Puts cosignatures below the checkpoint, unless a newer one has been signed meanwhile: that one is shown next.</summary>
    private void Add(SignedCheckpoint checkpoint, IReadOnlyList<NoteSignature> cosignatures)
    {
        lock (_publishing)
        {
            if (!ReferenceEquals(checkpoint, _checkpoint))
            {
                return;
            }

            var note = new SignedNote(checkpoint.Note.Text, [.. checkpoint.Note.Signatures, .. cosignatures]);
            try
            {
                _store.WriteCheckpoint(note.ToUtf8());
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                AuditLogMessages.CheckpointFailed(_logger, checkpoint.Checkpoint.Size, exception);
                return;
            }

            WitnessedSize = checkpoint.Checkpoint.Size;
            Volatile.Write(ref _checkpoint, checkpoint with { Note = note });
        }
    }

    /// <summary>Shows the last checkpoint to the witnesses once more, and stops asking. Called before the store is closed.</summary>
    private void EndWitnessing()
    {
        if (_http is null)
        {
            return;
        }

        _witnessesEnd.Cancel();
        _witnessing.GetAwaiter().GetResult();
        SignedCheckpoint last = Checkpoint;
        if (WitnessedSize != last.Checkpoint.Size)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2), _time);
            try
            {
                var client = new WitnessClient([.. _options.Witnesses], _http, _time);
                IReadOnlyList<NoteSignature> cosignatures = Task.Run(() => client.AskAsync(last, _tiles, static (_, _) => { }, limit.Token)).GetAwaiter().GetResult();
                if (cosignatures.Count > 0)
                {
                    Add(last, cosignatures);
                }
            }
            catch (OperationCanceledException)
            {
                // The next start shows it.
            }
        }

        _http.Dispose();
        _witnessesEnd.Dispose();
    }
}
