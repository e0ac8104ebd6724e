using System.Text;
using Agt.Audit.Queries;
using Agt.Audit.Stores;

namespace Agt.Audit.Tests.Stores;

/// <summary>What every store must do that finds records by what they say.</summary>
public abstract class AuditIndexSuite : DurableAuditStoreSuite
{
    [Fact]
    [Requirement("AUD-701", "AUD-702")]
    public void Every_query_finds_exactly_the_records_that_a_look_at_all_of_them_finds()
    {
        using IAuditStore store = Open();
        SampleRecord[] records = Fill(store, 3_000);
        var index = (IAuditIndex)store;
        var random = new Random(11);
        int found = 0;
        for (int i = 0; i < 300; i++)
        {
            AuditQuery query = Ask(random, records);
            SampleRecord[] expected = [.. records.Where(record => record.IsAskedBy(query))];
            AuditEntry[] entries = Walk(index, query);
            Assert.Equal(expected.Select(record => record.Index), entries.Select(entry => entry.Index));
            Assert.All(entries, entry => Assert.Equal(records[entry.Index].Leaf(), entry.Leaf.ToArray()));
            found += entries.Length;
        }

        Assert.True(found > 3_000, "the queries are too narrow to prove anything");
    }

    [Fact]
    [Requirement("AUD-702")]
    public void A_page_has_the_latest_records_in_the_order_of_the_log_and_says_where_the_ones_before_are()
    {
        using IAuditStore store = Open();
        SampleRecord[] records = Fill(store, 1_000);
        var index = (IAuditIndex)store;
        AuditPage latest = index.Query(new AuditQuery());
        Assert.Equal(Enumerable.Range(900, 100).Select(i => (long)i), latest.Entries.Select(entry => entry.Index));
        Assert.Equal(900, latest.Next);
        AuditPage before = index.Query(new AuditQuery { Before = latest.Next, Limit = 1_000 });
        Assert.Equal((900, 0, null), (before.Entries.Count, before.Entries[0].Index, before.Next));
        long[] ofAgent = [.. records.Where(record => record.Agent == "did:mesh:1").Select(record => record.Index).TakeLast(7)];
        Assert.Equal(ofAgent, index.Query(new AuditQuery { Agent = "did:mesh:1", Limit = 7 }).Entries.Select(entry => entry.Index));
        Assert.Empty(index.Query(new AuditQuery { Agent = "did:mesh:none" }).Entries);
        Assert.Empty(index.Query(new AuditQuery { Before = 0 }).Entries);
        Assert.Empty(index.Query(new AuditQuery { PolicyHash = SampleRecord.Hash(99) }).Entries);
    }

    [Fact]
    [Requirement("AUD-701")]
    public void Both_ends_of_a_time_range_belong_to_it()
    {
        using IAuditStore store = Open();
        SampleRecord[] records = Fill(store, 1_000);
        var index = (IAuditIndex)store;
        foreach (SampleRecord record in new[] { records[0], records[500], records[999] })
        {
            Assert.Contains(index.Query(new AuditQuery { From = record.At, To = record.At }).Entries, entry => entry.Index == record.Index);
            Assert.DoesNotContain(Walk(index, new AuditQuery { From = record.At.AddMicroseconds(1) }), entry => entry.Index == record.Index);
            Assert.DoesNotContain(Walk(index, new AuditQuery { To = record.At.AddMicroseconds(-1) }), entry => entry.Index == record.Index);
        }

        Assert.Empty(index.Query(new AuditQuery { To = SampleRecord.Start.AddDays(-1) }).Entries);
        Assert.Empty(index.Query(new AuditQuery { From = SampleRecord.Start.AddDays(1) }).Entries);
    }

    [Fact]
    [Requirement("AUD-702", "AUD-209")]
    public void A_record_is_found_by_its_id_and_by_that_of_its_decision()
    {
        using IAuditStore store = Open();
        SampleRecord[] records = Fill(store, 600);
        var index = (IAuditIndex)store;
        foreach (SampleRecord record in new[] { records[0], records[300], records[599] })
        {
            Assert.Equal(record.Index, index.Find(record.Id)!.Index);
            Assert.Equal(record.Leaf(), index.Find(record.Id)!.Leaf.ToArray());
        }

        SampleRecord last = records.Last(record => record.Kind == "decision");
        Assert.Equal(last.Index, index.Find(new DecisionId(last.DecisionId))!.Index);
        Assert.Null(index.Find(Guid.NewGuid()));
        Assert.Null(index.Find(new DecisionId(ulong.MaxValue)));
    }

    [Fact]
    [Requirement("AUD-106", Partial = "the alias of the old toolkit")]
    public void The_same_record_handed_in_twice_is_found_and_another_one_with_its_id_is_refused()
    {
        using IAuditStore store = Open();
        SampleRecord[] records = Fill(store, 300);
        var index = (IAuditIndex)store;
        Assert.Equal(257, index.FindSame(records[257].Leaf()));
        Assert.Null(index.FindSame((records[257] with { Id = Guid.NewGuid() }).Leaf()));
        Assert.Null(index.FindSame("no record"u8));
        AuditStoreException refused = Assert.Throws<AuditStoreException>(() => index.FindSame((records[257] with { Action = "another" }).Leaf()));
        Assert.Equal(AuditStoreProblem.DuplicateRecordId, refused.Problem);
    }

    [Fact]
    public void A_query_that_cannot_be_is_refused_with_what_would_be_right()
    {
        using IAuditStore store = Open();
        var index = (IAuditIndex)store;
        foreach (AuditQuery query in new AuditQuery[] { new() { Limit = 0 }, new() { Limit = 1_001 }, new() { Before = -1 }, new() { Agent = "" }, new() { Rule = new string('x', 1_025) }, new() { From = DateTimeOffset.MaxValue, To = DateTimeOffset.MinValue } })
        {
            Assert.Throws<ArgumentException>(() => index.Query(query));
        }

        Assert.Empty(index.Query(new AuditQuery { Limit = 1_000, Rule = "'; DROP TABLE entries; --" }).Entries);
    }

    [Fact]
    public void Records_that_cannot_be_read_are_kept_and_found_by_nothing()
    {
        using IAuditStore store = Open();
        byte[][] leaves = [[], "not json"u8.ToArray(), [0xff, 0xfe], "[]"u8.ToArray(), """{"kind":1,"policies":[{"sha256":[1]},2],"occurred_at":"yesterday","record_id":"r"}"""u8.ToArray(), Encoding.UTF8.GetBytes(new string('{', 60_000))];
        store.Append(new Batches().Next(leaves));
        var index = (IAuditIndex)store;
        Assert.Equal(leaves, index.Query(new AuditQuery()).Entries.Select(entry => entry.Leaf.ToArray()));
        Assert.Empty(index.Query(new AuditQuery { From = DateTimeOffset.MinValue }).Entries);
        Assert.Empty(index.Query(new AuditQuery { Kind = "decision" }).Entries);
    }

    internal static AuditEntry[] Walk(IAuditIndex index, AuditQuery query)
    {
        var entries = new List<AuditEntry>();
        for (long? before = query.Before; ;)
        {
            AuditPage page = index.Query(query with { Before = before });
            Assert.True(page.Entries.Count <= query.Limit);
            entries.InsertRange(0, page.Entries);
            if (page.Next is not { } next)
            {
                return [.. entries];
            }

            Assert.True(before is null || next < before, "a page must lead on");
            before = next;
        }
    }

    internal static SampleRecord[] Fill(IAuditStore store, int count)
    {
        var random = new Random(5);
        SampleRecord[] records = [.. Enumerable.Range(0, count).Select(i => SampleRecord.Make(i, random))];
        var batches = new Batches();
        foreach (SampleRecord[] some in records.Chunk(130))
        {
            store.Append(batches.Next([.. some.Select(record => record.Leaf())]));
        }

        return records;
    }

    private static AuditQuery Ask(Random random, SampleRecord[] records)
    {
        SampleRecord like = records[random.Next(records.Length)];
        DateTimeOffset from = SampleRecord.Start.AddSeconds(random.Next(-100, records.Length));
        return new AuditQuery
        {
            Limit = random.Next(1, 1_001),
            Agent = Some(like.Agent),
            Kind = Some(like.Kind),
            EventType = Some(like.EventType),
            Action = Some(like.Action),
            Decision = Some(like.Decision),
            Rule = Some(like.Rule),
            PolicyHash = Some(like.Policies.FirstOrDefault()),
            Session = Some(like.Session),
            Trace = Some(like.Trace),
            Outcome = random.Next(8) == 0 ? new[] { "success", "failure", "denied" }[random.Next(3)] : null,
            From = random.Next(4) == 0 ? from : null,
            To = random.Next(4) == 0 ? from.AddSeconds(random.Next(1_500)) : null,
        };

        string? Some(string? value) => random.Next(6) == 0 ? value : null;
    }
}
