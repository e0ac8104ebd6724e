using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agt.Policy;

/// <summary>Holds the policy set in force and replaces it as a whole.</summary>
/// <remarks>Thread-safe. A session that began before a replacement keeps the set it began with, unless it asked for live policy.</remarks>
public sealed class PolicyEngine : IPolicySource, IDisposable
{
    private readonly PolicyOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PolicyWatcher? _watcher;
    private readonly Lock _gate = new();
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
        _options = options;
        _time = time ?? TimeProvider.System;
        _logger = loggers?.CreateLogger("Agt.Policy") ?? NullLogger.Instance;
        _statistics = new PolicyStatistics(0, 0, 0, default, default, default, null);
        _current = Timed(1);
        if (options.Mode == PolicyMode.EvaluateOnly)
        {
            PolicyLog.EvaluateOnlyConfigured(_logger);
        }

        if (options.WatchFiles && options.Paths.Count > 0)
        {
            _watcher = new PolicyWatcher(this, options, _time, _logger);
        }
    }

    /// <summary>Raised behind every reload, on the thread that loaded. What a handler throws is logged and changes nothing.</summary>
    public event EventHandler<PolicyReloadEventArgs>? Reloaded;

    /// <summary>What became of the loads so far.</summary>
    public PolicyStatistics Statistics => Volatile.Read(ref _statistics);

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

    /// <summary>Stops watching files.</summary>
    public void Dispose() => _watcher?.Dispose();

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

        try
        {
            Reloaded?.Invoke(this, new PolicyReloadEventArgs(error, current.Generation));
        }
        catch (Exception exception)
        {
            PolicyLog.HandlerFailed(_logger, exception);
        }

        return current;
    }

    private CompiledPolicySet Timed(long generation)
    {
        long began = _time.GetTimestamp();
        CompiledPolicySet set = Load(generation);
        TimeSpan took = _time.GetElapsedTime(began);
        Volatile.Write(ref _statistics, new PolicyStatistics(
            generation, generation - 1, _statistics.FailedReloads, took, took > _statistics.SlowestLoad ? took : _statistics.SlowestLoad, _time.GetUtcNow(), null));
        return set;
    }

    private CompiledPolicySet Load(long generation)
    {
        var documents = new List<PolicyDocument>();
        var findings = new List<PolicyDiagnostic>();
        foreach (string path in _options.Paths)
        {
            Add(PolicyLoader.Load(path, _options.Loading));
        }

        for (int i = 0; i < _options.Texts.Count; i++)
        {
            Add(PolicyLoader.LoadText(_options.Texts[i], _options.Texts.Count == 1 ? "policy text" : $"policy text {i + 1}", _options.Loading));
        }

        if (documents.Count == 0 && findings.TrueForAll(finding => finding.Severity != DiagnosticSeverity.Error))
        {
            findings.Add(Refuse("AGTP007", "(none)", "No policy is given.", "Call AddPolicy with a file or directory, or AddPolicyText."));
        }

        foreach (IGrouping<string, PolicyDocument> repeated in documents.GroupBy(document => document.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            findings.Add(Refuse("AGTP027", repeated.Last().Source, "The name of this policy is also that of another one.", "Give each policy a name of its own."));
        }

        foreach (IGrouping<string, (PolicyDocument Document, SessionAttributeDefinition Attribute)> declared in documents
            .SelectMany(document => document.SessionAttributes.Select(attribute => (document, attribute))).GroupBy(pair => pair.attribute.Name, StringComparer.Ordinal)
            .Where(group => group.Any(pair => !pair.attribute.Equals(group.First().attribute))))
        {
            findings.Add(Refuse("AGTP055", declared.Last().Document.Source, $"session.{declared.Key} is declared in another way in {declared.First().Document.Source}.", "Declare it alike in all policies, or give one of them another name."));
        }

        return findings.Exists(finding => finding.Severity == DiagnosticSeverity.Error)
            ? throw new PolicyLoadException(findings)
            : PolicySet.Compile(documents, new PolicyCompileOptions { Generation = generation, MaxScannedCharacters = _options.MaxScannedCharacters, Profile = _options.Loading.Profile, Strategy = _options.Strategy });

        void Add(PolicyLoadResult result)
        {
            documents.AddRange(result.Documents);
            findings.AddRange(result.Diagnostics);
        }
    }

    private static PolicyDiagnostic Refuse(string code, string source, string message, string fix) =>
        new(DiagnosticSeverity.Error, code, source, default, string.Empty, message, fix);
}
