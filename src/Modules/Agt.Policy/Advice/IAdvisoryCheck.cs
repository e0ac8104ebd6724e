using Agt.Values;

namespace Agt.Policy.Advice;

/// <summary>
/// A check that does not answer alike each time, such as a classifier or a model that judges (spec 01, POL-187). It is asked about tool calls that nothing has denied, and can only tighten.
/// </summary>
/// <remarks>Implementations are thread-safe. What throws or does not answer in the time for deciding denies.</remarks>
public interface IAdvisoryCheck
{
    /// <summary>A stable name for records.</summary>
    string Name { get; }

    /// <summary>Looks at a tool call.</summary>
    /// <param name="action">The call.</param>
    /// <param name="arguments">Its arguments as they stand now, with every transform so far; readable during this call only.</param>
    /// <param name="cancellationToken">Cancelled when the caller gives up or the time for deciding is over.</param>
    ValueTask<AdvisoryOpinion> CheckAsync(GovernedAction action, GovernedValue arguments, CancellationToken cancellationToken);
}
