using Agt.Audit.Notes;
using Agt.Audit.Records;
using Agt.Audit.Witnessing;

namespace Agt.Audit;

/// <content>Checkpoints are shown to witnesses, and their cosignatures are added to them.</content>
public sealed partial class AuditLog
{
    private static readonly TimeSpan RetryWitnesses = TimeSpan.FromMilliseconds(50);
    private readonly SemaphoreSlim _signed = new(0, 1);
    private readonly CancellationTokenSource _witnessesEnd = new();
    private readonly List<(long Index, TaskCompletionSource Task)> _unwitnessed = [];
    private Task _witnessing = Task.CompletedTask;
    private HttpMessageInvoker? _http;

    /// <summary>The size of the latest checkpoint that at least one witness of the log has cosigned; 0 for none.</summary>
    public long WitnessedSize { get; private set; }

    /// <summary>Hands a decision over, and waits until it is durable and enough witnesses have cosigned a checkpoint that covers it.</summary>
    internal async ValueTask AppendWitnessedAsync(PendingRecord record)
    {
        record.Waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
        long began = _time.GetTimestamp();
        long index = await EnqueueAsync(record, CancellationToken.None).ConfigureAwait(false);
        var witnessed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_unwitnessed)
        {
            _unwitnessed.Add((index, witnessed));
        }

        TellWitnesses();
        try
        {
            TimeSpan left = _options.AppendDeadline - _time.GetElapsedTime(began);
            await witnessed.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new IOException($"The record was not cosigned by {_options.WitnessQuorum} witnesses within {_options.AppendDeadline}.", exception);
        }
        finally
        {
            lock (_unwitnessed)
            {
                _unwitnessed.RemoveAll(waiting => waiting.Task == witnessed);
            }
        }
    }

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
                SignedCheckpoint checkpoint = ForWaiters();
                IReadOnlyList<NoteSignature> cosignatures = await client.AskAsync(
                    checkpoint, _tiles, (witness, problem) => AuditLogMessages.NotWitnessed(_logger, witness.Key.Name, problem), _witnessesEnd.Token).ConfigureAwait(false);
                if (cosignatures.Count > 0)
                {
                    Add(checkpoint, cosignatures);
                }

                if (cosignatures.Count >= _options.WitnessQuorum)
                {
                    LetGo(checkpoint.Checkpoint.Size);
                }

                // Who waits is tried for again soon; others have the time until the next checkpoint.
                await _signed.WaitAsync(AnyWaits() ? RetryWitnesses : Timeout.InfiniteTimeSpan, _witnessesEnd.Token).ConfigureAwait(false);
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

    /// <summary>The checkpoint to show: a new one, if somebody waits for a record that the latest does not cover.</summary>
    private SignedCheckpoint ForWaiters()
    {
        long most = -1;
        lock (_unwitnessed)
        {
            foreach ((long index, _) in _unwitnessed)
            {
                most = Math.Max(most, index);
            }
        }

        if (most < Checkpoint.Checkpoint.Size)
        {
            return Checkpoint;
        }

        try
        {
            return Publish();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            AuditLogMessages.CheckpointFailed(_logger, _store.Size, exception);
            return Checkpoint;
        }
    }

    private bool AnyWaits()
    {
        lock (_unwitnessed)
        {
            return _unwitnessed.Count > 0;
        }
    }

    private void LetGo(long size)
    {
        lock (_unwitnessed)
        {
            foreach ((long index, TaskCompletionSource task) in _unwitnessed)
            {
                if (index < size)
                {
                    task.TrySetResult();
                }
            }
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
