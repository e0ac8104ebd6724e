using System.Globalization;
using System.Text;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Tiles;

namespace Agt.Audit.Witnessing;

/// <summary>Asks witnesses to cosign checkpoints. Used by one task at a time.</summary>
internal sealed class WitnessClient(IReadOnlyList<WitnessEndpoint> witnesses, HttpMessageInvoker http, TimeProvider time)
{
    private const int MaxAnswerBytes = 64 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);
    private readonly long[] _known = new long[witnesses.Count];

    /// <summary>The good cosignatures of a checkpoint. A witness that fails or does not answer within a second gives none.</summary>
    internal async Task<IReadOnlyList<NoteSignature>> AskAsync(SignedCheckpoint checkpoint, TileTree tiles, Action<WitnessEndpoint, string> onFailure, CancellationToken cancellationToken)
    {
        NoteSignature?[] given = await Task.WhenAll(witnesses.Select((witness, i) => AskOneAsync(witness, i, checkpoint, tiles, onFailure, cancellationToken))).ConfigureAwait(false);
        return [.. given.Where(signature => signature is not null).Select(signature => signature!)];
    }

    private async Task<NoteSignature?> AskOneAsync(WitnessEndpoint witness, int at, SignedCheckpoint checkpoint, TileTree tiles, Action<WitnessEndpoint, string> onFailure, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // The second time with the size that the witness says it knows.
            for (int attempt = 0; attempt < 2; attempt++)
            {
                (int status, string body) = await SendAsync(witness, _known[at], checkpoint, tiles, both.Token).ConfigureAwait(false);
                if (status == 409 && long.TryParse(body.TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out long size) && size <= checkpoint.Checkpoint.Size && size != _known[at])
                {
                    _known[at] = size;
                    continue;
                }

                if (status != 200)
                {
                    onFailure(witness, $"it answered {status}");
                    return null;
                }

                foreach (string line in body.Split('\n'))
                {
                    if (SignedNote.TryParseLine(line, out NoteSignature? signature) && signature.KeyId == witness.Key.KeyId && signature.Name == witness.Key.Name &&
                        witness.Key.Verify(checkpoint.Note.Text, signature.Value.Span, out _))
                    {
                        _known[at] = checkpoint.Checkpoint.Size;
                        return signature;
                    }
                }

                onFailure(witness, "its answer holds no good cosignature");
                return null;
            }

            onFailure(witness, "it knows another log of this name");
            return null;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException or InvalidDataException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            onFailure(witness, exception is OperationCanceledException ? "it did not answer within a second" : exception.Message);
            return null;
        }
    }

    private async Task<(int Status, string Body)> SendAsync(WitnessEndpoint witness, long oldSize, SignedCheckpoint checkpoint, TileTree tiles, CancellationToken cancellationToken)
    {
        var request = new StringBuilder().Append(CultureInfo.InvariantCulture, $"old {oldSize}\n");
        if (oldSize > 0 && oldSize < checkpoint.Checkpoint.Size)
        {
            foreach (LogHash hash in tiles.Consistency(oldSize, checkpoint.Checkpoint.Size))
            {
                request.Append(hash.ToBase64()).Append('\n');
            }
        }

        request.Append('\n').Append(checkpoint.Note);
        using var message = new HttpRequestMessage(HttpMethod.Post, witness.Address.AbsoluteUri.TrimEnd('/') + "/add-checkpoint") { Content = new StringContent(request.ToString(), Encoding.UTF8, "text/plain") };
        using HttpResponseMessage response = await http.SendAsync(message, cancellationToken).ConfigureAwait(false);
        using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        byte[] bytes = new byte[MaxAnswerBytes];
        int read = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return ((int)response.StatusCode, Encoding.UTF8.GetString(bytes, 0, read));
    }
}
