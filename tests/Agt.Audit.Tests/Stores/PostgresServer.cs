using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Agt.Storage.Postgres;
using Npgsql;

[assembly: AssemblyFixture(typeof(Agt.Audit.Tests.Stores.PostgresServer))]

namespace Agt.Audit.Tests.Stores;

/// <summary>A PostgreSQL server on loopback, started when the first test asks for it, in a directory that goes with it. Where none is installed the test is skipped, or fails if services are required.</summary>
public sealed class PostgresServer : IDisposable
{
    /// <summary>Tests of the server take turns: some of them end it.</summary>
    internal const string Turns = "PostgreSQL";
    internal const string Writer = "agt_writer";
    internal const string Producer = "agt_producer";
    internal const string OtherProducer = "agt_other_producer";
    private readonly Lock _lock = new();
    private string? _directory;
    private int _port;
    private int _schemas;

    internal string Owner => Connection("postgres");

    /// <summary>Makes a log of its own in the server.</summary>
    internal string NewLog()
    {
        lock (_lock)
        {
            if (_directory is null)
            {
                Start();
            }

            string schema = "log_" + (++_schemas).ToString(CultureInfo.InvariantCulture);
            PostgresAuditStore.Install(Owner, Writer, schema);
            PostgresAuditProducer.Allow(Owner, Producer, schema);
            PostgresAuditProducer.Allow(Owner, OtherProducer, schema);
            return schema;
        }
    }

    internal string Connection(string user) => $"Host=127.0.0.1;Port={_port};Database=postgres;Username={user};Timeout=10";

    /// <summary>Runs a statement as the owner of everything.</summary>
    internal object? Ask(string sql)
    {
        using var connection = new NpgsqlConnection(Owner + ";Pooling=false");
        connection.Open();
        using NpgsqlCommand command = new(sql, connection);
        return command.ExecuteScalar();
    }

    /// <summary>Ends the server as a crash does, and starts it again.</summary>
    internal void Crash()
    {
        Run("pg_ctl", "stop", "-D", _directory!, "-m", "immediate");
        Launch();
    }

    public void Dispose()
    {
        if (_directory is not null)
        {
            Run("pg_ctl", "stop", "-D", _directory, "-m", "immediate");
            NpgsqlConnection.ClearAllPools();
            Directory.Delete(_directory, recursive: true);
        }
    }

    private static string? Programs() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).LastOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
        : null;

    private static void Run(string program, params string[] arguments)
    {
        // The server refuses to run as root; the package has made a user for it.
        string path = Path.Combine(Programs()!, program);
        var start = Environment.IsPrivilegedProcess ? new ProcessStartInfo("runuser", ["-u", "postgres", "--", path, .. arguments]) : new ProcessStartInfo(path, arguments);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.WorkingDirectory = Path.GetTempPath();
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(1)), program + " hangs");
        if (process.ExitCode != 0)
        {
            Assert.Fail($"{program} failed: {errors.Result}");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Start()
    {
        if (Programs() is null)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("AGT_REQUIRE_SERVICES") != "1", "PostgreSQL is not installed (Debian: postgresql)");
            Assert.Fail("PostgreSQL is not installed, and services are required (Debian: postgresql).");
        }

        string directory = Path.Combine(Path.GetTempPath(), "agt-postgres-" + Guid.NewGuid().ToString("N"));
        Run("initdb", "-D", directory, "-A", "trust", "-U", "postgres", "--no-sync", "--locale=C", "-E", "UTF8");
        _directory = directory;
        _port = FreePort();
        Launch();
        Ask($"CREATE ROLE {Writer} LOGIN; CREATE ROLE {Producer} LOGIN; CREATE ROLE {OtherProducer} LOGIN");
    }

    private void Launch()
    {
        string options = string.Create(CultureInfo.InvariantCulture, $"-p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''");
        Run("pg_ctl", "start", "-w", "-D", _directory!, "-l", Path.Combine(_directory!, "server.log"), "-o", options);
    }
}
