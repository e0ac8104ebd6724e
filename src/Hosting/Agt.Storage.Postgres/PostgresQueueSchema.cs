namespace Agt.Storage.Postgres;

/// <summary>What stands before the log: the records that producers have handed in, which of them are in the log, and which were refused. Also where the log begins.</summary>
internal static class PostgresQueueSchema
{
    /// <summary>The channel on which producers say that there is something.</summary>
    internal static string Pending(string schema) => schema + "_pending";

    /// <summary>The channel on which the sequencer says that something is in the log. Only a hint: anybody can say so.</summary>
    internal static string Taken(string schema) => schema + "_taken";

    /// <summary>What the owner of the log runs once, behind the tables of the log itself.</summary>
    /// <remarks>
    /// A row is known by its key, which is random and which nobody but its producer knows. Who handed it in is the role that the server knows; a number of an emitter is taken once, in order, and from one role.
    /// </remarks>
    internal static string Tables(string schema) => $$"""

        CREATE TABLE {{schema}}.start(id integer PRIMARY KEY CHECK(id = 0), first bigint NOT NULL);
        INSERT INTO {{schema}}.start VALUES(0, 0);
        CREATE TABLE {{schema}}.pending(
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key uuid NOT NULL UNIQUE, role name NOT NULL DEFAULT session_user, record bytea NOT NULL CHECK(length(record) BETWEEN 1 AND 65535));
        CREATE TABLE {{schema}}.taken(key uuid PRIMARY KEY, idx bigint NOT NULL);
        CREATE INDEX taken_idx ON {{schema}}.taken(idx);
        CREATE TABLE {{schema}}.refused(
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key uuid NOT NULL UNIQUE, role name NOT NULL, record bytea NOT NULL, reason text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
        CREATE TABLE {{schema}}.emitters(id text PRIMARY KEY, role name NOT NULL, last bigint NOT NULL);

        CREATE FUNCTION {{schema}}.handed_in() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = {{schema}}, pg_temp AS $body$
        BEGIN
            IF (SELECT max(id) FROM pending) - (SELECT min(id) FROM pending) >= {{PostgresSchema.MaxPending}} THEN
                RAISE EXCEPTION 'too many records wait for the sequencer of the audit log' USING ERRCODE = 'configuration_limit_exceeded';
            END IF;
            PERFORM pg_notify('{{Pending(schema)}}', '');
            RETURN NULL;
        END $body$;
        CREATE TRIGGER handed_in AFTER INSERT ON {{schema}}.pending FOR EACH STATEMENT EXECUTE FUNCTION {{schema}}.handed_in();

        CREATE FUNCTION {{schema}}.settle(keys uuid[], places bigint[], sources text[], numbers bigint[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = {{schema}}, pg_temp AS $body$
        BEGIN
            IF EXISTS(SELECT FROM unnest(places) AS n(place) WHERE NOT EXISTS(SELECT FROM entries WHERE idx = n.place)) THEN
                RAISE EXCEPTION 'a record that is not in the log is not taken off the queue' USING ERRCODE = 'check_violation';
            END IF;
            INSERT INTO emitters SELECT n.source, min(p.role::text)::name, max(n.number) FROM unnest(keys, sources, numbers) AS n(key, source, number) JOIN pending p ON p.key = n.key GROUP BY n.source
                ON CONFLICT(id) DO UPDATE SET last = greatest(emitters.last, excluded.last);
            INSERT INTO taken SELECT * FROM unnest(keys, places) ON CONFLICT DO NOTHING;
            DELETE FROM pending WHERE key = ANY(keys);
            PERFORM pg_notify('{{Taken(schema)}}', '');
        END $body$;

        CREATE FUNCTION {{schema}}.refuse_pending(keys uuid[], reasons text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = {{schema}}, pg_temp AS $body$
        BEGIN
            INSERT INTO refused(key, role, record, reason) SELECT p.key, p.role, p.record, n.reason FROM unnest(keys, reasons) AS n(key, reason) JOIN pending p ON p.key = n.key ON CONFLICT DO NOTHING;
            DELETE FROM pending WHERE key = ANY(keys);
            DELETE FROM refused WHERE id <= (SELECT max(id) FROM refused) - {{PostgresSchema.MaxPending}};
            PERFORM pg_notify('{{Taken(schema)}}', '');
        END $body$;

        CREATE FUNCTION {{schema}}.forget_taken() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = {{schema}}, pg_temp AS $body$
            DELETE FROM pending USING taken WHERE pending.key = taken.key
        $body$;

        CREATE FUNCTION {{schema}}.own_emitter(source text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = {{schema}}, pg_temp AS $body$
            INSERT INTO emitters VALUES(source, '', {{long.MaxValue}}) ON CONFLICT DO NOTHING
        $body$;

        CREATE FUNCTION {{schema}}.settled(keys uuid[]) RETURNS TABLE(key uuid, idx bigint, reason text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {{schema}}, pg_temp AS $body$
            SELECT t.key, t.idx, NULL FROM taken t WHERE t.key = ANY(keys) UNION ALL SELECT r.key, NULL, r.reason FROM refused r WHERE r.key = ANY(keys)
        $body$;

        CREATE FUNCTION {{schema}}.below_start() RETURNS trigger LANGUAGE plpgsql SET search_path = {{schema}}, pg_temp AS $body$
        BEGIN
            IF EXISTS(SELECT FROM gone WHERE idx >= (SELECT first FROM start)) THEN
                RAISE EXCEPTION 'the records of an audit log are not changed and not deleted' USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NULL;
        END $body$;
        CREATE TRIGGER below_start AFTER DELETE ON {{schema}}.entries REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION {{schema}}.below_start();

        CREATE FUNCTION {{schema}}.purge(new_first bigint) RETURNS void LANGUAGE plpgsql SET search_path = {{schema}}, pg_temp AS $body$
        BEGIN
            IF new_first < 0 OR new_first % 256 <> 0 OR NOT EXISTS(SELECT FROM entries WHERE idx = new_first) THEN
                RAISE EXCEPTION 'an audit log is purged up to a multiple of 256 below its size' USING ERRCODE = 'check_violation';
            END IF;
            UPDATE start SET first = new_first WHERE id = 0 AND first < new_first;
            IF FOUND THEN
                DELETE FROM entries WHERE idx < new_first;
                DELETE FROM facts WHERE idx < new_first;
                DELETE FROM ids WHERE idx < new_first;
                DELETE FROM decisions WHERE idx < new_first;
                DELETE FROM taken WHERE idx < new_first;
            END IF;
        END $body$;

        """;

    /// <summary>What a role gets that hands records in: it can add to the queue and ask what became of what it added, whose keys it alone knows.</summary>
    internal static string Grants(string schema, string role) => $"""
        GRANT USAGE ON SCHEMA {schema} TO {role};
        GRANT SELECT ON {schema}.version TO {role};
        GRANT INSERT(key, record) ON {schema}.pending TO {role};
        GRANT EXECUTE ON FUNCTION {schema}.settled(uuid[]) TO {role};
        """;

    /// <summary>Whether a role may do more than hand records in: whoever writes or reads the log is no producer.</summary>
    internal static string ProducerPrivileges(string schema) => $"""
        SELECT bool_or(has_table_privilege(c.oid, 'UPDATE') OR has_table_privilege(c.oid, 'DELETE') OR has_table_privilege(c.oid, 'TRUNCATE') OR (c.relname <> 'pending' AND has_table_privilege(c.oid, 'INSERT')) OR pg_has_role(c.relowner, 'MEMBER'))
        FROM pg_class c WHERE c.relnamespace = '{schema}'::regnamespace AND c.relkind = 'r'
        """;
}
