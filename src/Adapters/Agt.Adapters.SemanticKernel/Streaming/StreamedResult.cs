using System.Diagnostics.CodeAnalysis;
using Agt.Adapters.SemanticKernel.Functions;
using Agt.Values;
using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Streaming;

/// <summary>The lazy stream that a function leaves in its result, read to its end.</summary>
internal static class StreamedResult
{
    /// <summary>Reads the stream and puts the updates in its place, as a stream of the same type: the kernel casts to what its caller asked for.</summary>
    /// <exception cref="RefusedException">The caller asked for a type that cannot be held back, or the stream is beyond its bounds.</exception>
    internal static async ValueTask<FunctionResult> ReadAsync(FunctionResult result, SemanticKernelGovernanceOptions options, CancellationToken cancellationToken)
    {
        object? value = result.GetValue<object>();
        Type? type = value is null ? null : ElementOf(value);
        object? read = null;
        if (type == typeof(string))
        {
            read = await BufferedStream<string>.ReadAsync((IAsyncEnumerable<string>)value!, options, cancellationToken).ConfigureAwait(false);
        }
        else if (type == typeof(StreamingKernelContent))
        {
            read = await BufferedStream<StreamingKernelContent>.ReadAsync((IAsyncEnumerable<StreamingKernelContent>)value!, options, cancellationToken).ConfigureAwait(false);
        }
        else if (type == typeof(StreamingChatMessageContent))
        {
            read = await BufferedStream<StreamingChatMessageContent>.ReadAsync((IAsyncEnumerable<StreamingChatMessageContent>)value!, options, cancellationToken).ConfigureAwait(false);
        }

        return read is null
            ? throw new RefusedException(new PayloadException(ReasonCodes.StreamingUnsupported, "Only streams of text, StreamingKernelContent and StreamingChatMessageContent can be governed."))
            : new FunctionResult(result, read);
    }

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "An interface that was trimmed away is not found, and the stream is then denied.")]
    private static Type? ElementOf(object stream)
    {
        Type? element = null;
        foreach (Type implemented in stream.GetType().GetInterfaces())
        {
            if (implemented.IsGenericType && implemented.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>))
            {
                if (element is not null)
                {
                    return null;
                }

                element = implemented.GenericTypeArguments[0];
            }
        }

        return element;
    }
}
