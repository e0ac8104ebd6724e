using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Agt.Storage.Postgres;

/// <summary>The tables and functions of a log, in a schema of their own, and what they refuse.</summary>
internal static partial class PostgresSchema
{
    /// <summary>The most records that wait in the database; a producer that brings more is refused.</summary>
    internal const int MaxPending = 1_000_000;

    /// <summary>The version that this build writes.</summary>
    internal const int Version = 1;

    /// <summary>Refuses a name that would have to be quoted: it becomes part of statements.</summary>
    /// <exception cref="ArgumentException">The message says what would be right.</exception>
    internal static string Name(string name, string what) => NamePattern().IsMatch(name)
        ? name
        : throw new ArgumentException($"The {what} is not 1 to 63 lower-case letters, digits and underscores that begin with a letter.");

    /// <summary>The advisory lock of a log: its number within the database.</summary>
    internal static long LockKey(string schema) => BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes("agt.audit/" + schema)));

    /// <summary>What the owner of the log runs once.</summary>
    internal static string Tables(string schema) => $$"""
        CREATE SCHEMA {{schema}};
        CREATE TABLE {{schema}}.version(number integer PRIMARY KEY);
        INSERT INTO {{schema}}.version VALUES({{Version}});
        CREATE TABLE {{schema}}.entries(idx bigint PRIMARY KEY CHECK(idx >= 0), leaf bytea NOT NULL);
        CREATE TABLE {{schema}}.hashes(level integer, idx bigint, hash bytea NOT NULL CHECK(length(hash) = 32), PRIMARY KEY(level, idx));
        CREATE TABLE {{schema}}.facts(term bigint, idx bigint, PRIMARY KEY(term, idx));
        CREATE TABLE {{schema}}.ids(id uuid, idx bigint, PRIMARY KEY(id, idx));
        CREATE TABLE {{schema}}.decisions(id bigint, idx bigint, PRIMARY KEY(id, idx));
        CREATE TABLE {{schema}}.spans(level integer, block bigint, earliest bigint NOT NULL, latest bigint NOT NULL, PRIMARY KEY(level, block));
        CREATE TABLE {{schema}}.checkpoint(id integer PRIMARY KEY CHECK(id = 0), size bigint NOT NULL, root bytea NOT NULL, note bytea NOT NULL);

        CREATE FUNCTION {{schema}}.in_order() RETURNS trigger LANGUAGE plpgsql SET search_path = {{schema}}, pg_temp AS $body$
        DECLARE low bigint; high bigint; many bigint; before bigint;
        BEGIN
            SELECT min(idx), max(idx), count(*) INTO low, high, many FROM added;
            SELECT max(idx) INTO before FROM entries WHERE idx < low;
            IF many > 0 AND (low <> coalesce(before + 1, 0) OR high - low + 1 <> many) THEN
                RAISE EXCEPTION 'the records of an audit log have no gap' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $body$;
        CREATE TRIGGER in_order AFTER INSERT ON {{schema}}.entries REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION {{schema}}.in_order();

        CREATE FUNCTION {{schema}}.refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            RAISE EXCEPTION 'the records of an audit log are not changed and not deleted' USING ERRCODE = 'insufficient_privilege';
        END $body$;
        CREATE TRIGGER refuse BEFORE UPDATE OR TRUNCATE ON {{schema}}.entries FOR EACH STATEMENT EXECUTE FUNCTION {{schema}}.refuse();
        CREATE TRIGGER refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON {{schema}}.hashes FOR EACH STATEMENT EXECUTE FUNCTION {{schema}}.refuse();

        CREATE FUNCTION {{schema}}.put_checkpoint(new_size bigint, new_root bytea, new_note bytea) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = {{schema}}, pg_temp AS $body$
        DECLARE old record;
        BEGIN
            SELECT size, root INTO old FROM checkpoint WHERE id = 0 FOR UPDATE;
            IF FOUND AND (new_size < old.size OR (new_size = old.size AND new_root <> old.root)) THEN
                RAISE EXCEPTION 'the checkpoint of an audit log does not go back and has one root for a size' USING ERRCODE = 'check_violation';
            END IF;
            INSERT INTO checkpoint VALUES(0, new_size, new_root, new_note) ON CONFLICT(id) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note;
        END $body$;

        CREATE FUNCTION {{schema}}.put_spans(blocks bigint[], low bigint[], high bigint[]) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = {{schema}}, pg_temp AS $body$
            INSERT INTO spans SELECT l, b >> (8 * l), min(e), max(t) FROM generate_series(0, 3) AS l, unnest(blocks, low, high) AS s(b, e, t) GROUP BY 1, 2
            ON CONFLICT(level, block) DO UPDATE SET earliest = least(spans.earliest, excluded.earliest), latest = greatest(spans.latest, excluded.latest)
        $body$;

        CREATE FUNCTION {{schema}}.last_block(moment bigint) RETURNS bigint LANGUAGE plpgsql STABLE SET search_path = {{schema}}, pg_temp AS $body$
        DECLARE low bigint := 0; high bigint := 9223372036854775807; hit bigint;
        BEGIN
            FOR l IN REVERSE 3..0 LOOP
                SELECT block INTO hit FROM spans WHERE level = l AND block BETWEEN low AND high AND earliest <= moment ORDER BY block DESC LIMIT 1;
                IF hit IS NULL THEN RETURN NULL; END IF;
                low := hit << 8; high := low + 255;
            END LOOP;
            RETURN hit;
        END $body$;

        CREATE FUNCTION {{schema}}.first_block(moment bigint) RETURNS bigint LANGUAGE plpgsql STABLE SET search_path = {{schema}}, pg_temp AS $body$
        DECLARE low bigint := 0; high bigint := 9223372036854775807; hit bigint;
        BEGIN
            FOR l IN REVERSE 3..0 LOOP
                SELECT block INTO hit FROM spans WHERE level = l AND block BETWEEN low AND high AND latest >= moment ORDER BY block LIMIT 1;
                IF hit IS NULL THEN RETURN NULL; END IF;
                low := hit << 8; high := low + 255;
            END LOOP;
            RETURN hit;
        END $body$;

        CREATE FUNCTION {{schema}}.find(terms bigint[], below bigint, first bigint, wanted integer, steps integer, OUT places bigint[], OUT rest bigint) LANGUAGE plpgsql STABLE SET search_path = {{schema}}, pg_temp AS $body$
        DECLARE place bigint := below - 1; hit bigint; agreed integer; i integer := 0; many integer := coalesce(array_length(terms, 1), 0);
        BEGIN
            places := '{}';
            WHILE place >= first AND coalesce(array_length(places, 1), 0) < wanted AND steps > 0 LOOP
                agreed := 0;
                WHILE agreed < many LOOP
                    steps := steps - 1;
                    SELECT idx INTO hit FROM facts WHERE term = terms[i + 1] AND idx <= place ORDER BY idx DESC LIMIT 1;
                    IF hit IS NULL OR hit < first THEN rest := NULL; RETURN; END IF;
                    agreed := CASE WHEN hit = place THEN agreed + 1 ELSE 1 END;
                    place := hit;
                    i := (i + 1) % many;
                END LOOP;
                steps := steps - 1;
                places := places || place;
                place := place - 1;
            END LOOP;
            rest := CASE WHEN place >= first THEN place + 1 END;
        END $body$;

        """ + PostgresQueueSchema.Tables(schema) + $"""
        REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
        """;

    /// <summary>What a role gets that writes the log: it can add, and nothing else.</summary>
    internal static string Grants(string schema, string role) => $"""
        GRANT USAGE ON SCHEMA {schema} TO {role};
        GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role};
        GRANT INSERT ON {schema}.entries, {schema}.hashes, {schema}.facts, {schema}.ids, {schema}.decisions TO {role};
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role};
        REVOKE EXECUTE ON FUNCTION {schema}.purge(bigint) FROM {role};
        """;

    /// <summary>Whether the role could change or delete what was recorded.</summary>
    internal static string Privileges(string schema) => $"""
        SELECT bool_or(has_table_privilege(c.oid, 'UPDATE') OR has_table_privilege(c.oid, 'DELETE') OR has_table_privilege(c.oid, 'TRUNCATE') OR pg_has_role(c.relowner, 'MEMBER'))
        FROM pg_class c WHERE c.relnamespace = '{schema}'::regnamespace AND c.relname IN ('entries', 'hashes', 'checkpoint')
        """;

    [GeneratedRegex("^[a-z][a-z0-9_]{0,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
