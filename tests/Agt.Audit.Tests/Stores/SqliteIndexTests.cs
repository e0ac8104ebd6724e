using Agt.Audit.Queries;
using Agt.Storage.Sqlite;

namespace Agt.Audit.Tests.Stores;

public sealed class SqliteIndexTests
{
    [Theory]
    [Requirement("AUD-701")]
    [InlineData(SqliteSchema.Leaves)]
    [InlineData(SqliteSchema.Seek)]
    [InlineData(SqliteSchema.ById)]
    [InlineData(SqliteSchema.ByDecision)]
    [InlineData(SqliteSchema.LastBlock)]
    [InlineData(SqliteSchema.FirstBlock)]
    public void No_look_up_reads_a_whole_table_or_sorts(string sql)
    {
        string directory = Directory.CreateTempSubdirectory("agt-index-").FullName;
        try
        {
            using SqliteAuditStore store = SqliteAuditStore.Open(directory);
            using SqliteDatabase database = SqliteDatabase.Open(Path.Combine(directory, SqliteAuditStore.FileName), write: false);
            using SqliteStatement plan = new(database.Handle, "EXPLAIN QUERY PLAN " + sql);
            var steps = new List<string>();
            while (plan.Step())
            {
                steps.Add(plan.ReadText(3));
            }

            Assert.StartsWith("SEARCH ", Assert.Single(steps), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    [Requirement("AUD-701")]
    public void A_query_that_finds_next_to_nothing_stops_in_time_and_can_be_gone_on_with()
    {
        string directory = Directory.CreateTempSubdirectory("agt-index-").FullName;
        try
        {
            using SqliteAuditStore store = SqliteAuditStore.Open(directory);
            SampleRecord[] records = AuditIndexSuite.Fill(store, 2_000);
            using SqliteDatabase database = SqliteDatabase.Open(Path.Combine(directory, SqliteAuditStore.FileName), write: false);
            var index = new SqliteIndex(database);
            var query = new AuditQuery { Agent = "did:mesh:1", Decision = "deny" };
            AuditPage first = index.Query(query, maxSteps: 20);
            Assert.NotNull(first.Next);
            var found = new List<long>(first.Entries.Select(entry => entry.Index));
            int pages = 1;
            for (AuditPage page = first; page.Next is { } next; pages++)
            {
                page = index.Query(query with { Before = next }, maxSteps: 20);
                found.InsertRange(0, page.Entries.Select(entry => entry.Index));
            }

            Assert.True(pages > 5);
            Assert.Equal(records.Where(record => record.IsAskedBy(query)).Select(record => record.Index), found);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
