using Agt.Policy.Folders;
using Microsoft.Extensions.Logging;

namespace Agt.Policy;

/// <summary>
/// Reloads the policies when a file of theirs changes: once things have been quiet for the debounce time, off the threads that decide (spec 01, POL-310 to POL-312). Thread-safe.
/// </summary>
internal sealed class PolicyWatcher : IDisposable
{
    private readonly PolicyEngine _engine;
    private readonly FolderEpoch _epoch;
    private readonly TimeSpan _debounce;
    private readonly ITimer _timer;
    private readonly List<FileSystemWatcher> _watchers = [];

    internal PolicyWatcher(PolicyEngine engine, PolicyOptions options, FolderEpoch epoch, TimeProvider time, ILogger logger)
    {
        _engine = engine;
        _epoch = epoch;
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

        if (options.Folders is { } folders)
        {
            WatchTree(folders.Root, logger);
        }
    }

    public void Dispose()
    {
        _watchers.ForEach(watcher => watcher.Dispose());
        _timer.Dispose();
    }

    /// <summary>Something has changed: waits for it to be quiet.</summary>
    internal void Touch() => _timer.Change(_debounce, Timeout.InfiniteTimeSpan);

    /// <summary>Whether every change in the tree of folders is noticed.</summary>
    internal bool WatchesTree { get; private set; }

    /// <summary>In a tree of folders everything counts that can lead a path elsewhere; a policy or a folder that comes or goes loads all again.</summary>
    private void WatchTree(string root, ILogger logger)
    {
        try
        {
            Watch(root, NotifyFilters.FileName | NotifyFilters.LastWrite, FolderScan.IsPolicyFile);
            Watch(root, NotifyFilters.DirectoryName, static _ => true);
            WatchesTree = true;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or PlatformNotSupportedException)
        {
            PolicyLog.NotWatched(logger, root, exception);
        }
    }

    private void Watch(string root, NotifyFilters filter, Func<string, bool> isOfPolicies)
    {
        var watcher = new FileSystemWatcher(root) { IncludeSubdirectories = true, NotifyFilter = filter };
        _watchers.Add(watcher);
        watcher.Changed += (_, changed) => Noticed(changed.FullPath, moves: false);
        watcher.Created += (_, changed) => Noticed(changed.FullPath, moves: true);
        watcher.Deleted += (_, changed) => Noticed(changed.FullPath, moves: true);
        watcher.Renamed += (_, changed) =>
        {
            Noticed(changed.OldFullPath, moves: true);
            Noticed(changed.FullPath, moves: true);
        };
        watcher.Error += (_, _) => Noticed(null, moves: true);
        watcher.EnableRaisingEvents = true;

        void Noticed(string? path, bool moves)
        {
            if (moves)
            {
                _epoch.Next();
            }

            if (path is null || isOfPolicies(path))
            {
                Touch();
            }
        }
    }

    private static string Folder(string path) => Directory.Exists(path) ? Path.GetFullPath(path) : Path.GetDirectoryName(Path.GetFullPath(path))!;

    private void Reload() => _engine.TryReload(out _);
}
