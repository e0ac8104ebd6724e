namespace Agt.Signals;

/// <summary>An action that waits until its agent goes on.</summary>
internal sealed class StoppedAction(GovernanceSession session)
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal GovernanceSession Session => session;

    internal Task Task => _released.Task;

    internal void Release() => _released.TrySetResult();
}
