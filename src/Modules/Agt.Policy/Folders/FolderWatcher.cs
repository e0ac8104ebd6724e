using Microsoft.Extensions.Logging;

namespace Agt.Policy.Folders;

/// <summary>
/// Watches a folder tree: what is known of its folders and links is forgotten at once when something is made, moved or removed, and it is said when policies may have changed. Thread-safe.
/// </summary>
/// <remarks>Where the tree cannot be watched nothing is remembered, and every decision about a path asks the file system.</remarks>
internal sealed class FolderWatcher : IDisposable
{
    private readonly FileFacts _facts;
    private readonly ILogger _logger;
    private readonly string _root;
    private readonly FileSystemWatcher? _watcher;
    private Action? _policyChanged;
    private bool _changed;

    internal FolderWatcher(string root, FileFacts facts, ILogger logger)
    {
        _facts = facts;
        _logger = logger;
        _root = root;
        try
        {
            _watcher = new FileSystemWatcher(Path.GetFullPath(root))
            {
                IncludeSubdirectories = true,
                InternalBufferSize = 65_536,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.CreationTime,
            };
            _watcher.Changed += (_, change) => Report(IsPolicy(change.FullPath));
            _watcher.Created += (_, change) => Move(change.FullPath);
            _watcher.Deleted += (_, change) => Move(change.FullPath);
            _watcher.Renamed += (_, change) =>
            {
                Move(change.OldFullPath);
                Move(change.FullPath);
            };
            _watcher.Error += (_, error) => Fail(error.GetException());
            _watcher.EnableRaisingEvents = true;
            facts.Trust(true);
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or PlatformNotSupportedException or UnauthorizedAccessException)
        {
            _watcher?.Dispose();
            PolicyLog.NotWatched(logger, root, exception);
        }
    }

    /// <summary>Says whom to tell that policies may have changed; at once, if they have since the watcher was made.</summary>
    internal void Notify(Action policyChanged)
    {
        Volatile.Write(ref _policyChanged, policyChanged);
        if (Volatile.Read(ref _changed))
        {
            policyChanged();
        }
    }

    public void Dispose()
    {
        _facts.Trust(false);
        _watcher?.Dispose();
    }

    /// <summary>Something was made or removed. A folder can carry policies with it, and links may lead elsewhere now.</summary>
    private void Move(string path)
    {
        _facts.Changed();
        Report(IsPolicy(path) || Path.GetExtension(path).Length == 0 || Directory.Exists(path));
    }

    private void Fail(Exception exception)
    {
        _facts.Changed();
        if (exception is not InternalBufferOverflowException)
        {
            // A part of the tree may not be watched from now on.
            _facts.Trust(false);
            PolicyLog.NotWatched(_logger, _root, exception);
        }

        Report(true);
    }

    private void Report(bool policiesMayHaveChanged)
    {
        if (policiesMayHaveChanged)
        {
            Volatile.Write(ref _changed, true);
            Volatile.Read(ref _policyChanged)?.Invoke();
        }
    }

    /// <summary>Files that can be policies, or be extended by one.</summary>
    private static bool IsPolicy(string path) => Path.GetExtension(path) is ".yaml" or ".yml" or ".json";
}
