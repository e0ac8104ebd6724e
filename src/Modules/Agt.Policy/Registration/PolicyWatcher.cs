using Microsoft.Extensions.Logging;

namespace Agt.Policy;

/// <summary>
/// Reloads the policies when a file of theirs changes: once things have been quiet for the debounce time, off the threads that decide (spec 01, POL-310 to POL-312). Thread-safe.
/// </summary>
internal sealed class PolicyWatcher : IDisposable
{
    private readonly PolicyEngine _engine;
    private readonly TimeSpan _debounce;
    private readonly ITimer _timer;
    private readonly List<FileSystemWatcher> _watchers = [];

    internal PolicyWatcher(PolicyEngine engine, PolicyOptions options, TimeProvider time, ILogger logger)
    {
        _engine = engine;
        _debounce = options.ReloadDebounce;
        _timer = time.CreateTimer(static state => ((PolicyWatcher)state!).Reload(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        foreach (string folder in options.Paths.Select(Folder).Distinct(StringComparer.Ordinal))
        {
            try
            {
                var watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = false, NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.CreationTime };
                watcher.Changed += (_, _) => Touch();
                watcher.Created += (_, _) => Touch();
                watcher.Deleted += (_, _) => Touch();
                watcher.Renamed += (_, _) => Touch();
                watcher.Error += (_, _) => Touch();
                watcher.EnableRaisingEvents = true;
                _watchers.Add(watcher);
            }
            catch (Exception exception) when (exception is IOException or ArgumentException or PlatformNotSupportedException)
            {
                PolicyLog.NotWatched(logger, folder, exception);
            }
        }
    }

    public void Dispose()
    {
        _watchers.ForEach(watcher => watcher.Dispose());
        _timer.Dispose();
    }

    /// <summary>Something has changed: waits for it to be quiet.</summary>
    internal void Touch() => _timer.Change(_debounce, Timeout.InfiniteTimeSpan);

    private static string Folder(string path) => Directory.Exists(path) ? Path.GetFullPath(path) : Path.GetDirectoryName(Path.GetFullPath(path))!;

    private void Reload() => _engine.TryReload(out _);
}
