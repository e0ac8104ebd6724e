using System.Runtime.ExceptionServices;
using Agt.Policy.Folders;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agt.Policy;

/// <summary>Holds the policy set in force and replaces it as a whole.</summary>
/// <remarks>Thread-safe. A session that began before a replacement keeps the set it began with, unless it asked for live policy.</remarks>
public sealed class PolicyEngine : IPolicySource, IDisposable
{
    private readonly PolicySetLoader _loader;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly FolderWatcher? _folders;
    private readonly PolicyWatcher? _watcher;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PolicyDocument?> _changes = new(StringComparer.Ordinal);
    private LoadedPolicies? _loaded;
    private IReadOnlyList<PolicyDiagnostic> _diagnostics = [];
    private CompiledPolicySet _current;
    private PolicyStatistics _statistics;

    /// <summary>Loads and compiles the policies of a host.</summary>
    /// <param name="options">Where they are.</param>
    /// <param name="time">The clock; null for that of the system.</param>
    /// <param name="loggers">Where reloads are logged; null for nowhere.</param>
    /// <exception cref="PolicyLoadException">No policy is given, one cannot be read, or one is refused.</exception>
    public PolicyEngine(PolicyOptions options, TimeProvider? time = null, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _time = time ?? TimeProvider.System;
        _logger = loggers?.CreateLogger("Agt.Policy") ?? NullLogger.Instance;
        _statistics = new PolicyStatistics(0, 0, 0, default, default, default, null);
        var facts = new FileFacts();
        _loader = new PolicySetLoader(options, facts);

        // Watched before it is read, so that no change goes unnoticed between the two.
        _folders = options.RootDirectory is { } root ? new FolderWatcher(root, facts, _logger) : null;
        try
        {
            _current = Timed(1);
        }
        catch
        {
            _folders?.Dispose();
            throw;
        }

        if (options.Mode == PolicyMode.EvaluateOnly)
        {
            PolicyLog.EvaluateOnlyConfigured(_logger);
        }

        if (options.WatchFiles && (options.Paths.Count > 0 || _folders is not null))
        {
            _watcher = new PolicyWatcher(this, options, _time, _logger);
            _folders?.Notify(_watcher.Touch, () => Current.Folders?.Tree);
        }
    }

    /// <summary>Raised behind every reload, on the thread that loaded. What a handler throws is logged and changes nothing.</summary>
    public event EventHandler<PolicyReloadEventArgs>? Reloaded;

    /// <summary>What became of the loads so far.</summary>
    public PolicyStatistics Statistics => Volatile.Read(ref _statistics);

    /// <summary>
    /// What was found in the policies in force: warnings, and the errors of files of a folder tree, whose folders are denied until they are mended (POL-120).
    /// </summary>
    public IReadOnlyList<PolicyDiagnostic> Diagnostics => Volatile.Read(ref _diagnostics);

    /// <summary>The set in force.</summary>
    public CompiledPolicySet Current => Volatile.Read(ref _current);

    IPolicySnapshot IPolicySource.Current => Current;

    /// <summary>Loads everything again and puts it in force as a whole; on an error the set in force stays (POL-310, POL-311).</summary>
    /// <returns>The set that is now in force.</returns>
    /// <exception cref="PolicyLoadException">Something was refused; nothing has changed.</exception>
    public CompiledPolicySet Reload()
    {
        CompiledPolicySet set = ReloadCore(out Exception? error);
        if (error is not null)
        {
            ExceptionDispatchInfo.Throw(error);
        }

        return set;
    }

    /// <summary>As <see cref="Reload"/>, without throwing.</summary>
    /// <param name="error">Why the set in force stays; null if it was replaced.</param>
    public bool TryReload(out Exception? error)
    {
        ReloadCore(out error);
        return error is null;
    }

    /// <summary>
    /// Changes the policies that the host was given and puts them in force as a whole: what of them was replaced or removed stays so when files are loaded again (POL-015).
    /// Those of a folder tree are in its files alone.
    /// </summary>
    /// <param name="change">Adds, replaces and removes by name. Called once; must not call this engine.</param>
    /// <returns>The set that is now in force.</returns>
    /// <exception cref="PolicyLoadException">No policy would be left, or two contradict each other; nothing has changed.</exception>
    public CompiledPolicySet Update(Action<PolicyCatalog> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        CompiledPolicySet current;
        lock (_gate)
        {
            var catalog = new PolicyCatalog(_loaded!.Documents);
            change(catalog);
            current = Timed(_current.Generation + 1, catalog);
            Volatile.Write(ref _current, current);
            foreach ((string name, PolicyDocument? document) in catalog.Changes)
            {
                _changes[name] = document;
            }

            PolicyLog.Reloaded(_logger, current.Generation);
        }

        Raise(null, current.Generation);
        return current;
    }

    /// <summary>Stops watching files.</summary>
    public void Dispose()
    {
        _folders?.Dispose();
        _watcher?.Dispose();
    }

    private CompiledPolicySet ReloadCore(out Exception? error)
    {
        error = null;
        CompiledPolicySet current;
        lock (_gate)
        {
            try
            {
                Volatile.Write(ref _current, Timed(_current.Generation + 1));
                PolicyLog.Reloaded(_logger, _current.Generation);
            }
            catch (Exception exception)
            {
                // Whatever went wrong while loading, the set in force stays (POL-311).
                error = exception;
                Volatile.Write(ref _statistics, _statistics with { FailedReloads = _statistics.FailedReloads + 1, LastError = exception.Message });
                PolicyLog.ReloadFailed(_logger, _current.Generation, exception);
            }

            current = _current;
        }

        Raise(error, current.Generation);
        return current;
    }

    private CompiledPolicySet Timed(long generation, PolicyCatalog? changed = null)
    {
        long began = _time.GetTimestamp();
        LoadedPolicies loaded = changed is null ? _loader.Load(_changes) : _loaded! with { Documents = changed.Documents };
        CompiledPolicySet set = _loader.Compile(loaded, generation, out IReadOnlyList<PolicyDiagnostic> findings);
        TimeSpan took = _time.GetElapsedTime(began);
        _loaded = loaded;
        Volatile.Write(ref _diagnostics, findings);
        Volatile.Write(ref _statistics, new PolicyStatistics(
            generation, generation - 1, _statistics.FailedReloads, took, took > _statistics.SlowestLoad ? took : _statistics.SlowestLoad, _time.GetUtcNow(), null));
        foreach (PolicyDiagnostic finding in findings)
        {
            PolicyLog.Found(_logger, finding.Severity == DiagnosticSeverity.Error ? LogLevel.Error : LogLevel.Warning, finding);
        }

        return set;
    }

    private void Raise(Exception? error, long generation)
    {
        try
        {
            Reloaded?.Invoke(this, new PolicyReloadEventArgs(error, generation));
        }
        catch (Exception exception)
        {
            PolicyLog.HandlerFailed(_logger, exception);
        }
    }
}
