namespace Agt.Chain;

/// <summary>Takes care of tasks that nobody waits for any more: their late exceptions are observed and dropped.</summary>
internal static class Unobserved
{
    internal static void Ignore(Task task) => _ = task.ContinueWith(
        static finished => _ = finished.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
