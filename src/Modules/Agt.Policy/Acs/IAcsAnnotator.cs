using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>Says something about an action that its policy then reads under <c>annotations</c>: a classifier, a model, an endpoint. Implementations are thread-safe.</summary>
public interface IAcsAnnotator
{
    /// <summary>Gives the annotation, any JSON value. What throws denies with <see cref="AcsReasons.AnnotationFailed"/>; a <see cref="TimeoutException"/>, or taking too long, with <see cref="AcsReasons.AnnotationTimeout"/>.</summary>
    /// <param name="invocation">Which annotator, and on what.</param>
    /// <param name="cancellationToken">Cancelled when the caller gives up or the time is over.</param>
    ValueTask<GovernedValue> AnnotateAsync(AcsAnnotatorInvocation invocation, CancellationToken cancellationToken);
}
