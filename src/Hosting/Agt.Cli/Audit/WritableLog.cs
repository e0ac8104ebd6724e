using System.CommandLine;
using System.Text;
using Agt.Audit;
using Agt.Audit.Signing;

namespace Agt.Cli.Audit;

/// <summary>A log that a command adds to, with its private key. It must not be in use by a host meanwhile.</summary>
internal sealed class WritableLog
{
    private const int MaxKeyBytes = 4_096;
    private readonly Option<string?> _key = new("--key") { Description = "The log's private key, which signs the record of what was done. Default: log.key in the directory.", HelpName = "FILE" };

    internal Option<string> Actor { get; } = new("--actor") { Description = "Who asked for it; stands in the record.", HelpName = "NAME", Required = true };

    internal void AddTo(Command command)
    {
        command.Add(Actor);
        command.Add(_key);
    }

    /// <summary>Opens the log, does something with it and closes it.</summary>
    internal async Task<T> UseAsync<T>(CliHost host, ParseResult parsed, string directory, Action<AuditOptions> configure, Func<AuditLog, Task<T>> use, CancellationToken cancellationToken)
    {
        LogDirectory.Open(directory).Dispose();
        string from = parsed.GetValue(_key) ?? Path.Combine(directory, "log.key");
        string text = Encoding.UTF8.GetString(await InputFile.ReadAllAsync(host, from, MaxKeyBytes, cancellationToken).ConfigureAwait(false));
        if (!AuditKey.TryParse(text, out AuditKey? key))
        {
            throw new CliException($"{InputFile.Name(from)}: this holds no private key of a log.");
        }

        string origin = key.Key.Name;
        key.Dispose();
        var options = new AuditOptions { Directory = directory, Origin = origin, KeyFile = from, OpenStore = static options => LogDirectory.OpenForWriting(options.Directory) };
        configure(options);
        try
        {
            await using AuditLog log = AuditLog.Open(options, host.Time);
            return await use(log).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException or InvalidOperationException or ArgumentException or Microsoft.Extensions.Options.OptionsValidationException)
        {
            throw new CliException(CliHost.Clean(exception.Message), AuditExitCode.Unreadable);
        }
    }
}
