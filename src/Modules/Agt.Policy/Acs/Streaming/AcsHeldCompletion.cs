using System.Buffers;
using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>
/// A chat completion that came as a stream of events, held back and put together, so that it is judged before anyone sees a part of it (spec 01, POL-431). Immutable.
/// </summary>
public sealed class AcsHeldCompletion
{
    private readonly byte[] _bytes;

    private AcsHeldCompletion(byte[] bytes, GovernedValue response, string? error)
    {
        _bytes = bytes;
        Response = response;
        Error = error;
    }

    /// <summary>The completion as one object; absent where the stream could not be put together.</summary>
    public GovernedValue Response { get; }

    /// <summary>Why the stream could not be put together: then nothing of it is handed on, with <see cref="AcsReasons.StreamingUnsupported"/>. Null where it could.</summary>
    public string? Error { get; }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">Server-sent events, UTF-8.</param>
    /// <param name="limits">How much is kept; null for the defaults. More fails closed.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="IOException">The stream broke.</exception>
    public static async Task<AcsHeldCompletion> ReadAsync(Stream stream, AcsStreamLimits? limits = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        limits ??= new AcsStreamLimits();
        var kept = new ArrayBufferWriter<byte>();
        while (true)
        {
            int read = await stream.ReadAsync(kept.GetMemory(8_192), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return Read(kept.WrittenSpan, limits);
            }

            kept.Advance(read);
            if (kept.WrittenCount > limits.MaxBytes)
            {
                return TooLong(limits);
            }
        }
    }

    /// <summary>Reads a stream that is there as a whole.</summary>
    /// <param name="utf8">Server-sent events, UTF-8.</param>
    /// <param name="limits">How much is kept; null for the defaults. More fails closed.</param>
    public static AcsHeldCompletion Read(ReadOnlySpan<byte> utf8, AcsStreamLimits? limits = null)
    {
        limits ??= new AcsStreamLimits();
        if (utf8.Length > limits.MaxBytes)
        {
            return TooLong(limits);
        }

        byte[] bytes = utf8.ToArray();
        try
        {
            return new AcsHeldCompletion(bytes, CompletionAssembler.Assemble(bytes, limits), null);
        }
        catch (AcsException exception)
        {
            return new AcsHeldCompletion([], default, exception.Message);
        }
        catch (PayloadException exception)
        {
            return new AcsHeldCompletion([], default, exception.Message);
        }
    }

    /// <summary>What is handed on after the completion was judged: the very bytes that came, or one event that says what the policy made of them.</summary>
    /// <param name="result">The result of evaluating <see cref="Response"/>.</param>
    /// <param name="target">The response after the transform; absent where there was none.</param>
    /// <exception cref="InvalidOperationException">The stream could not be put together, or the result permits nothing.</exception>
    public ReadOnlyMemory<byte> Emit(AcsResult result, GovernedValue target = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (Error is not null || !result.Verdict.Permits)
        {
            throw new InvalidOperationException("Nothing of a stream is handed on that could not be judged, or that was refused.");
        }

        return target.IsAbsent ? _bytes : CompletionWriter.Write(target, Response);
    }

    /// <summary>One event, and the end, for a completion.</summary>
    /// <param name="response">A completion with one choice.</param>
    /// <param name="template">An object whose id, created and model are taken over.</param>
    /// <exception cref="ArgumentException">The response is no completion with one choice.</exception>
    public static byte[] Synthesize(GovernedValue response, GovernedValue template) => CompletionWriter.Write(response, template);

    private static AcsHeldCompletion TooLong(AcsStreamLimits limits) => new([], default, $"The stream has more than {limits.MaxBytes} bytes.");
}
