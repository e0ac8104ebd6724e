using Agt.Audit.Queries;
using Agt.Audit.Stores;
using Agt.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Audit.Tests.Stores;

[Requirement("AUD-401")]
public sealed class SqliteAuditStoreTests : AuditIndexSuite
{
    private string LogPath => Path.Combine(Root, "log");

    protected override IAuditStore Open() => SqliteAuditStore.Open(LogPath);

    protected override IAuditStore OpenForReading() => SqliteAuditStore.OpenForReading(LogPath);

    /// <summary>Somebody else holds the database for writing.</summary>
    protected override IDisposable Break(IAuditStore store)
    {
        SqliteConnection other = Connect();
        Run(other, "BEGIN IMMEDIATE");
        return other;
    }

    [Theory]
    [Requirement("AUD-403", "AUD-205")]
    [InlineData("UPDATE entries SET leaf = x'00' WHERE idx = 3", "not changed")]
    [InlineData("UPDATE entries SET idx = 100 WHERE idx = 9", "not changed")]
    [InlineData("DELETE FROM entries WHERE idx = 9", "not deleted")]
    [InlineData("DELETE FROM entries", "not deleted")]
    [InlineData("INSERT OR REPLACE INTO entries VALUES(3, x'00')", "not replaced")]
    [InlineData("INSERT INTO entries VALUES(11, x'00')", "no gap")]
    [InlineData("INSERT INTO entries VALUES(-1, x'00')", "no gap")]
    [InlineData("DELETE FROM tiles", "not deleted")]
    [InlineData("DELETE FROM checkpoint", "not deleted")]
    public void The_database_refuses_to_change_what_was_recorded(string sql, string why)
    {
        using (IAuditStore store = Open())
        {
            new Batches().Fill(store, 10);
            store.WriteCheckpoint("a checkpoint"u8);
        }

        using SqliteConnection other = Connect();
        Assert.Contains(why, Assert.Throws<SqliteException>(() => Run(other, sql)).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("AUD-403")]
    public void The_database_is_durable_with_every_commit_and_a_tile_is_a_row()
    {
        using SqliteAuditStore store = SqliteAuditStore.Open(LogPath);
        new Batches().Fill(store, 600);
        using SqliteDatabase database = SqliteDatabase.Open(Path.Combine(LogPath, SqliteAuditStore.FileName), write: true);
        Assert.Equal(2, Prepared("PRAGMA synchronous"));
        Assert.Equal(4, Prepared("SELECT count(*) FROM tiles"));
        Assert.Equal(88 * 32, Prepared("SELECT length(hashes) FROM tiles WHERE level = 0 AND tile = 2"));
        using SqliteStatement mode = new(database.Handle, "PRAGMA journal_mode");
        Assert.True(mode.Step());
        Assert.Equal("wal", mode.ReadText(0));

        long? Prepared(string sql)
        {
            using SqliteStatement statement = new(database.Handle, sql);
            return statement.Number();
        }
    }

    [Fact]
    [Requirement("AUD-411")]
    public void Only_the_owner_can_read_what_is_made()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("modes of files are those of POSIX");
            return;
        }

        Directory.CreateDirectory(LogPath);
        File.SetUnixFileMode(LogPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        using IAuditStore store = Open();
        new Batches().Fill(store, 10);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(LogPath));
        string[] files = Directory.GetFiles(LogPath);
        Assert.Equal(["LOCK", "log.db", "log.db-shm", "log.db-wal"], files.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (string file in files)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Theory]
    [InlineData("PRAGMA user_version = 2", AuditStoreProblem.Version, "newer version")]
    [InlineData("PRAGMA application_id = 5", AuditStoreProblem.Version, "not of an audit log")]
    public void A_database_that_is_newer_or_of_somebody_else_is_refused(string sql, AuditStoreProblem problem, string why)
    {
        Open().Dispose();
        using (SqliteConnection other = Connect())
        {
            Run(other, sql);
        }

        foreach (Func<IAuditStore> open in new[] { Open, OpenForReading })
        {
            AuditStoreException refused = Assert.Throws<AuditStoreException>(open);
            Assert.Equal(problem, refused.Problem);
            Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_no_database_or_a_log_of_files_is_refused()
    {
        Directory.CreateDirectory(LogPath);
        File.WriteAllText(Path.Combine(LogPath, SqliteAuditStore.FileName), new string('x', 5_000));
        Assert.Equal(AuditStoreProblem.Corrupt, Assert.Throws<AuditStoreException>(Open).Problem);
        Assert.Equal(AuditStoreProblem.Corrupt, Assert.Throws<AuditStoreException>(() => SqliteAuditStore.OpenForReading(Root)).Problem);
        string files = Path.Combine(Root, "files");
        SegmentAuditStore.Open(files).Dispose();
        Assert.Equal(AuditStoreProblem.Version, Assert.Throws<AuditStoreException>(() => SqliteAuditStore.Open(files)).Problem);
    }

    [Fact]
    [Requirement("AUD-215")]
    public void A_tile_that_somebody_made_longer_stops_the_log()
    {
        using IAuditStore store = Open();
        var batches = new Batches();
        batches.Fill(store, 10);
        using (SqliteConnection other = Connect())
        {
            Run(other, "UPDATE tiles SET hashes = zeroblob(352)");
        }

        Assert.Equal(AuditStoreProblem.Tampered, Assert.Throws<AuditStoreException>(() => store.Append(batches.Next(1))).Problem);
        Assert.Equal(10, store.Size);
    }

    [Fact]
    [Requirement("AUD-401")]
    public async Task A_host_keeps_its_log_in_the_database_when_it_says_so_and_finds_its_records_there()
    {
        using var fixture = new Tests.Log.LogFixture();
        var services = new ServiceCollection();
        services.AddGovernance(options => options.RequirePolicy = false).AddAudit(options => options.Directory = fixture.LogPath).UseSqliteAuditStore();
        await using ServiceProvider provider = services.BuildServiceProvider();
        AuditLog log = provider.GetRequiredService<AuditLog>();
        long index = await log.AppendAsync(Tests.Log.LogFixture.Event(7), TestContext.Current.CancellationToken);
        Assert.True(File.Exists(Path.Combine(fixture.LogPath, SqliteAuditStore.FileName)));
        Assert.Equal(index, Assert.Single(log.Index!.Query(new AuditQuery { Action = "act-7" }).Entries).Index);
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(LogPath, SqliteAuditStore.FileName), Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}
