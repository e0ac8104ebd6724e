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
    private Func<FolderTree?>? _tree;
    private bool _changed;

    internal FolderWatcher(string root, FileFacts facts, ILogger logger)
    {
        _facts = facts;
        _logger = logger;
        _root = Path.GetFullPath(root);
        try
        {
            _watcher = new FileSystemWatcher(_root)
            {
                IncludeSubdirectories = true,
                InternalBufferSize = 65_536,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.CreationTime,
            };
            _watcher.Changed += (_, change) => Report(IsPolicy(change.FullPath));
            _watcher.Created += (_, change) => Come(change.FullPath);
            _watcher.Deleted += (_, change) => Go(change.FullPath);
            _watcher.Renamed += (_, change) =>
            {
                Go(change.OldFullPath);
                Come(change.FullPath);
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
    /// <param name="policyChanged">Whom to tell.</param>
    /// <param name="tree">What is in force.</param>
    internal void Notify(Action policyChanged, Func<FolderTree?> tree)
    {
        Volatile.Write(ref _tree, tree);
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

    /// <summary>Something was made or moved here: a folder can bring policies along, and a link lead elsewhere.</summary>
    private void Come(string path)
    {
        _facts.Changed();
        Report(IsPolicy(path) || Directory.Exists(path));
    }

    /// <summary>Something was removed or moved away: a folder can take policies along.</summary>
    private void Go(string path)
    {
        _facts.Changed();
        string below = Path.GetRelativePath(_root, path).Replace('\\', '/') + "/";
        Report(IsPolicy(path) || _tree?.Invoke() is not { } tree || tree.Files.Any(file => file.Name.StartsWith(below, StringComparison.OrdinalIgnoreCase)));
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
