using System.Collections.Concurrent;
using System.Globalization;
using Agt.Audit;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Conformance;

/// <summary>One host with one governed framework, for one check.</summary>
internal sealed class CheckHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly MessageCollector _messages;

    private CheckHost(ServiceProvider services, IAdapterFixture fixture, FakeTimeProvider time, MessageCollector messages)
    {
        _services = services;
        _messages = messages;
        Fixture = fixture;
        Time = time;
        Governance = services.GetRequiredService<IGovernance>();
    }

    internal IAdapterFixture Fixture { get; }

    internal FakeTimeProvider Time { get; }

    internal IGovernance Governance { get; }

    internal IServiceProvider Services => _services;

    internal ConformanceProbes Probes { get; } = new();

    /// <summary>The session that drives run in.</summary>
    internal GovernanceSession Session { get; set; } = null!;

    /// <summary>Every line that was logged, exceptions included.</summary>
    internal IReadOnlyCollection<string> Messages => _messages.Lines;

    /// <summary>The records of the host, start-up left out.</summary>
    internal IReadOnlyList<LoggedRecord> Records =>
        [.. _services.GetRequiredService<InMemoryDecisionLog>().Snapshot().Where(record => record.Template.Point != InterventionPoint.AgentStartup)];

    internal IReadOnlyList<LoggedRecord> ToolDecisions => [.. Records.Where(record => !record.IsOutcome && record.Template.Point == InterventionPoint.PreToolCall)];

    /// <summary>Builds a host whose chain has these interceptors.</summary>
    internal static async Task<CheckHost> StartAsync(Func<IAdapterFixture> make, IReadOnlyList<IInterceptor> interceptors, Action<IGovernanceBuilder>? configure = null, Action<GovernanceOptions>? options = null, bool terminate = false, SessionLimits? limits = null, bool openSession = true)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var messages = new MessageCollector();
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time);
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(messages));
        IGovernanceBuilder builder = services.AddGovernance(set =>
        {
            set.RequirePolicy = false;
            set.SessionLimits = SessionLimits.Unlimited;
            options?.Invoke(set);
        });
        builder.AddInterceptor(new Hook("quiet", InterceptorStage.Identity));
        foreach (IInterceptor interceptor in interceptors)
        {
            builder.AddInterceptor(interceptor);
        }

        configure?.Invoke(builder);
        IAdapterFixture fixture = make();
        var host = new CheckHost(services.BuildServiceProvider(), fixture, time, messages);
        await fixture.StartAsync(new ConformanceSetup(host.Services, host.Governance, host.Probes, terminate), CancellationToken.None).ConfigureAwait(false);
        if (openSession)
        {
            host.Session = await host.OpenAsync(limits).ConfigureAwait(false);
        }

        return host;
    }

    internal ValueTask<GovernanceSession> OpenAsync(SessionLimits? limits = null) => Governance.OpenSessionAsync(Fixture.Principal, new SessionOptions { Limits = limits });

    /// <summary>Calls a tool in a session.</summary>
    internal async Task<DriveResult> CallAsync(string tool = "probe_read", string arguments = """{"path":"/a"}""", GovernanceSession? session = null, CancellationToken cancellationToken = default)
    {
        using (GovernanceScope.Enter(session ?? Session))
        {
            return await Fixture.CallToolAsync(new ToolDrive(tool, arguments), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs a turn in the session.</summary>
    internal async Task<DriveResult> TurnAsync(string prompt = "Please.", CancellationToken cancellationToken = default)
    {
        using (GovernanceScope.Enter(Session))
        {
            return await Fixture.RunTurnAsync(new TurnDrive(prompt), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Streams a turn in the session to its end.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="onPiece">Told of each update.</param>
    /// <param name="most">After how many updates to stop.</param>
    internal async Task<(string Text, Exception? Error)> StreamAsync(string prompt = "Please.", Action<string>? onPiece = null, int most = int.MaxValue)
    {
        string text = string.Empty;
        try
        {
            using (GovernanceScope.Enter(Session))
            {
                int count = 0;
                await foreach (string piece in Fixture.StreamTurnAsync(new TurnDrive(prompt), CancellationToken.None).ConfigureAwait(false))
                {
                    text += piece;
                    onPiece?.Invoke(piece);
                    if (++count >= most)
                    {
                        break;
                    }
                }
            }

            return (text, null);
        }
        catch (Exception exception)
        {
            return (text, exception);
        }
    }

    /// <summary>The id by which policies know a probe.</summary>
    internal string IdOf(string tool) => Fixture.IdOf(tool);

    /// <summary>How a model calls a probe.</summary>
    internal ModelCall Call(string id, string tool, string arguments = """{"path":"/a"}""") => new(id, Fixture.SpellingsOf(tool)[0], arguments);

    /// <summary>Where in a value a text stands, as the path of a patch; null if nowhere.</summary>
    internal static string? Find(GovernedValue value, string marker, string path)
    {
        if (value.AsString() is { } text)
        {
            return text.Contains(marker, StringComparison.Ordinal) ? path : null;
        }

        for (int i = 0; i < value.Count && value.Kind is ValueKind.Map or ValueKind.List; i++)
        {
            ValueMember member = value.MemberAt(i);
            if (Find(member.Value, marker, value.Kind == ValueKind.Map ? $"{path}.{member.Name}" : string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]")) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await Fixture.DisposeAsync().ConfigureAwait(false);
        await _services.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class MessageCollector : ILoggerProvider, ILogger
    {
        internal ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
