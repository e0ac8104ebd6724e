using CsCheck;
using Agt.Policy.Facets.Sql;

namespace Agt.Policy.Tests.Facets;

public class SqlFacetTests
{
    [Theory]
    [Requirement("POL-249")]
    [InlineData("", "", "", "", "")]
    [InlineData("  -- nothing\n /* here */ ;", "", "", "", "")]
    [InlineData("select 1", "SELECT", "", "", "")]
    [InlineData("SELECT * FROM users", "SELECT", "users", "users", "")]
    [InlineData("SELECT * FROM users;", "SELECT", "users", "users", "")]
    [InlineData("(SELECT a FROM x) UNION (SELECT b FROM y)", "SELECT", "x", "x,y", "")]
    [InlineData("SELECT u.id, count(*) FROM public.\"Users\" u JOIN [dbo].[Orders] o ON o.uid = u.id WHERE lower(u.name) = 'x' -- end", "SELECT", "users", "users,orders", "count,lower")]
    [InlineData("SELECT * FROM a, b x, c AS y LEFT JOIN d ON true, e", "SELECT", "a", "a,b,c,d,e", "")]
    [InlineData("INSERT INTO s.t (a, b) VALUES (1, now())", "INSERT", "t", "t", "now")]
    [InlineData("INSERT INTO t SELECT * FROM u", "INSERT", "t", "t,u", "")]
    [InlineData("UPDATE t SET a = 1 WHERE id IN (SELECT id FROM u)", "UPDATE", "t", "t,u", "")]
    [InlineData("delete from t where a = 'DROP TABLE x; --'", "DELETE", "t", "t", "")]
    [InlineData("/* note */ DROP /* x */ TABLE IF EXISTS a.b, c", "DROP", "b", "b,c", "")]
    [InlineData("TRUNCATE TABLE logs", "TRUNCATE", "logs", "logs", "")]
    [InlineData("CREATE TABLE t (id int)", "CREATE", "t", "t", "")]
    [InlineData("ALTER TABLE t DROP COLUMN c", "ALTER", "t", "t", "")]
    [InlineData("WITH x AS (SELECT * FROM secret) SELECT * FROM x", "SELECT", "x", "secret", "")]
    [InlineData("WITH x (a) AS (SELECT 1) DELETE FROM t USING x", "DELETE", "t", "t", "")]
    [InlineData("WITH users AS (SELECT * FROM users) SELECT * FROM users", "SELECT", "users", "users", "")]
    [InlineData("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", "DELETE", "x", "t", "")]
    [InlineData("EXPLAIN SELECT * FROM t", "EXPLAIN", "", "t", "")]
    [InlineData("EXPLAIN ANALYZE DELETE FROM t", "DELETE", "t", "t", "")]
    [InlineData("EXPLAIN (ANALYZE, BUFFERS) DELETE FROM t", "DELETE", "t", "t", "")]
    [InlineData("GRANT SELECT ON TABLE t TO bob", "GRANT", "t", "", "")]
    [InlineData("CALL p.clean(1)", "CALL", "clean", "", "clean")]
    [InlineData("SELECT extract(year FROM ts) FROM t", "SELECT", "t", "t", "extract")]
    [InlineData("SELECT a IS DISTINCT FROM b FROM t", "SELECT", "t", "t", "")]
    [InlineData("SELECT * FROM generate_series(1, 3) g", "SELECT", "generate_series", "", "generate_series")]
    [InlineData("SELECT * FROM t FOR UPDATE", "SELECT", "t", "t", "")]
    [InlineData("INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 1", "INSERT", "t", "t", "")]
    [InlineData("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET a = 1", "MERGE", "t", "t,s", "")]
    [InlineData("SELECT 'C:\\\\temp' FROM t", "SELECT", "t", "t", "")]
    [InlineData("SELECT $1, $$text$$ FROM t", "SELECT", "t", "t", "")]
    [InlineData("SELECT pg_sleep(10)", "SELECT", "", "", "pg_sleep")]
    public void A_statement_shows_what_it_does(string sql, string verb, string target, string tables, string functions)
    {
        SqlFacts facts = SqlFacts.Of(sql, 65_536);
        Assert.Equal((verb, target, tables, functions), (facts.Verb, facts.Target, string.Join(',', facts.Tables), string.Join(',', facts.Functions)));
    }

    [Theory]
    [Requirement("POL-249", "POL-251")]
    [InlineData("SELECT 1; DROP TABLE t")]
    [InlineData("SELECT 1 DROP TABLE t")]
    [InlineData("SELECT 1 EXEC xp_cmdshell 'dir'")]
    [InlineData("FROBNICATE t")]
    [InlineData("SELECT * INTO copy FROM t")]
    [InlineData("SELECT a FROM t INTO OUTFILE '/x'")]
    [InlineData("/*! DROP TABLE t */")]
    [InlineData("SELECT 1 /*!50000 UNION SELECT * FROM secret */")]
    [InlineData("SELECT /* /* */ 1 FROM secret -- */")]
    [InlineData("SELECT 'a\\'; DROP TABLE t; -- '")]
    [InlineData("SELECT 1 --1 UNION SELECT * FROM secret")]
    [InlineData("SELECT 1 # \n; DROP TABLE t")]
    [InlineData("SELECT $$ ; DROP TABLE t; $$")]
    [InlineData("SELECT ['a]; DROP TABLE t; --']")]
    [InlineData("SELECT \u00a01 FROM t")]
    [InlineData("SELECT 'never closed")]
    [InlineData("SELECT (1 FROM t")]
    [InlineData("SELECT 1) FROM t")]
    [InlineData("SELECT * FROM \"a,b\"")]
    [InlineData("SELECT * FROM")]
    [InlineData("WITH x AS (DELETE FROM t RETURNING *), y AS (UPDATE u SET a = 1 RETURNING *) SELECT 1")]
    [InlineData("SELECT 1 \0 FROM t")]
    public void What_could_be_read_in_two_ways_is_unknown(string sql) => Assert.Equal("UNKNOWN", SqlFacts.Of(sql, 65_536).Verb);

    [Fact]
    [Requirement("POL-249")]
    public void A_statement_beyond_the_bound_is_unknown_and_deep_brackets_do_no_harm()
    {
        Assert.Equal("UNKNOWN", SqlFacts.Of(new string(' ', 101), 100).Verb);
        Assert.Equal("UNKNOWN", SqlFacts.Of("SELECT " + new string('(', 30_000), 65_536).Verb);
        Assert.Equal("UNKNOWN", SqlFacts.Of("SELECT " + string.Concat(Enumerable.Repeat("f(", 10_000)), 65_536).Verb);
    }

    [Fact]
    [Requirement("POL-249")]
    public void No_text_makes_the_reader_throw()
    {
        string[] pieces = ["SELECT", "FROM", "WITH", "AS", "(", ")", ",", ";", "'", "\"", "[", "]", "--", "/*", "*/", "$", "$a$", "t", ".", "1", "e", "-", "INSERT", "INTO", "DELETE", "JOIN", "USING", "\n", " ", "\\", "EXPLAIN", "`", "UPDATE", "ON", "DROP", "TABLE"];
        Gen.OneOf(pieces).Array[0, 24].Sample(
            parts =>
            {
                SqlFacts facts = SqlFacts.Of(string.Join(' ', parts), 65_536);
                Assert.Equal(facts.Verb.ToUpperInvariant(), facts.Verb);
                SqlFacts tight = SqlFacts.Of(string.Concat(parts), 65_536);
                Assert.DoesNotContain(tight.Tables, table => table.Contains(','));
            },
            iter: 20_000);
    }
}
