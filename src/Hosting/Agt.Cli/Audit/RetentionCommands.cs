using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Agt.Audit.Notes;
using Agt.Audit.Retention;
using Agt.Audit.Stores;

namespace Agt.Cli.Audit;

/// <summary><c>agt audit hold</c>, <c>purge</c> and <c>archive</c>: what must stay, what may go, and where it goes first.</summary>
internal static class RetentionCommands
{
    internal static Command Hold(CliHost host)
    {
        var command = new ExampleCommand(
            "hold",
            "Legal holds: records that are neither purged nor erased until the hold is released.",
            """
            agt audit hold place audit/ case-7 --reason 'court order' --agent billing-1 --actor legal
            agt audit hold list audit/
            agt audit hold release audit/ case-7 --reason 'case closed' --actor legal
            """)
        {
            Place(host), Release(host), List(host),
        };
        return command;
    }

    internal static Command Purge(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        var writable = new WritableLog();
        var days = new Option<double>("--older-than") { Description = "Keep records of the last so many days.", HelpName = "DAYS", DefaultValueFactory = _ => 365 };
        var highRisk = new Option<bool>("--high-risk") { Description = "The agents are a high-risk system under the EU AI Act: refuse less than 183 days." };
        var archive = new Option<string?>("--archive") { Description = "Publish everything into this directory first, and verify it there.", HelpName = "DIRECTORY" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be dropped." };
        Option<bool> json = CommonOptions.Json();
        var command = new ExampleCommand(
            "purge",
            "Drop records that are old enough and not held: whole bundles of 256 from the start of the log. Their hashes stay, and every proof of what is left. That it was done is recorded. The log must not be in use; a running host calls AuditLog.PurgeAsync. Exits with 0, or 3 if it cannot be done.",
            """
            agt audit purge audit/ --older-than 365 --archive /mnt/cold/audit --actor ops --dry-run
            agt audit purge audit/ --older-than 365 --archive /mnt/cold/audit --actor ops
            """)
        {
            directory, days, highRisk, archive, dryRun, json,
        };
        writable.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = parsed.GetRequiredValue(directory);
            PurgePlan plan;
            if (parsed.GetValue(dryRun))
            {
                var retention = new RetentionOptions();
                Set(retention);
                using IAuditStore store = LogDirectory.Open(path);
                plan = Guard(() => PurgePlanner.Plan(store, retention, host.Time.GetUtcNow(), path, cancellationToken));
            }
            else
            {
                plan = await writable.UseAsync(
                    host, parsed, path, options => Set(options.Retention), log => log.PurgeAsync(parsed.GetRequiredValue(writable.Actor), parsed.GetValue(archive), cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
            }

            Show(host, plan, parsed.GetValue(dryRun), parsed.GetValue(json));
            return AuditExitCode.Verified;

            void Set(RetentionOptions retention)
            {
                retention.Period = Days(parsed.GetValue(days));
                retention.IsHighRisk = parsed.GetValue(highRisk);
            }
        });
        return command;
    }

    internal static Command Archive(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        Argument<string> output = new("output") { Description = "The archive; what is there of an earlier time is added to.", HelpName = "OUTPUT" };
        var key = new Option<string?>("--vkey") { Description = "The log's public key, as text or file. Default: log.key.pub in the directory.", HelpName = "KEY" };
        var command = new ExampleCommand(
            "archive",
            "Publish the log into a cold archive, verify it there record by record, and write a manifest with the digest of every file. Exits with 0, or 1 if what lies there is not the log.",
            "agt audit archive audit/ /mnt/cold/audit")
        {
            directory, output, key,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = parsed.GetRequiredValue(directory);
            string to = parsed.GetRequiredValue(output);
            VerifierKey verifier = await AuditTrust.ReadKeyAsync(host, parsed.GetValue(key) ?? Path.Combine(path, "log.key.pub"), cancellationToken).ConfigureAwait(false);
            using IAuditStore store = LogDirectory.Open(path);
            try
            {
                string manifest = InputFile.Guard(to, () => ColdArchive.Write(store, to, verifier, host.Time.GetUtcNow(), cancellationToken));
                host.Line($"{CliHost.Shown(to)}: archived and verified; the manifest is sha256:{manifest}");
                return AuditExitCode.Verified;
            }
            catch (InvalidDataException exception)
            {
                throw new CliException(CliHost.Clean(exception.Message), AuditExitCode.Tampered);
            }
        });
        return command;
    }

    private static ExampleCommand Place(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        Argument<string> id = HoldName();
        var writable = new WritableLog();
        Option<string> reason = Reason();
        var agent = new Option<string?>("--agent") { Description = "Hold what this agent did.", HelpName = "ID" };
        var trace = new Option<string?>("--trace") { Description = "Hold what belongs to this trace.", HelpName = "ID" };
        var from = new Option<DateTimeOffset?>("--from") { Description = "Hold what was written then or later.", HelpName = "TIME" };
        var to = new Option<DateTimeOffset?>("--to") { Description = "Hold what was written then or before.", HelpName = "TIME" };
        var command = new ExampleCommand(
            "place",
            "Place a hold; all that is given together must be true of a record that is held, and without any of it everything is. Exits with 0, or 3 if it cannot be recorded.",
            "agt audit hold place audit/ case-7 --reason 'court order' --agent billing-1 --from 2026-01-01 --actor legal")
        {
            directory, id, reason, agent, trace, from, to,
        };
        writable.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var hold = new LegalHold(parsed.GetRequiredValue(id), parsed.GetRequiredValue(reason))
            {
                Agent = parsed.GetValue(agent), Trace = parsed.GetValue(trace), From = parsed.GetValue(from), To = parsed.GetValue(to),
            };
            await writable.UseAsync(
                host, parsed, parsed.GetRequiredValue(directory), static _ => { },
                async log =>
                {
                    await log.HoldAsync(hold, parsed.GetRequiredValue(writable.Actor), cancellationToken).ConfigureAwait(false);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
            host.Line($"'{CliHost.Shown(hold.Id)}' holds; the record of it is in the log");
            return AuditExitCode.Verified;
        });
        return command;
    }

    private static ExampleCommand Release(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        Argument<string> id = HoldName();
        var writable = new WritableLog();
        Option<string> reason = Reason();
        var command = new ExampleCommand(
            "release", "Release a hold. Exits with 0, or 3 if there is none of that name.", "agt audit hold release audit/ case-7 --reason 'case closed' --actor legal") { directory, id, reason };
        writable.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string name = parsed.GetRequiredValue(id);
            bool released = await writable.UseAsync(
                host, parsed, parsed.GetRequiredValue(directory), static _ => { },
                log => log.ReleaseHoldAsync(name, parsed.GetRequiredValue(reason), parsed.GetRequiredValue(writable.Actor), cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
            if (!released)
            {
                throw new CliException($"The log has no hold '{CliHost.Clean(name)}'; 'agt audit hold list' shows those there are.", AuditExitCode.Unreadable);
            }

            host.Line($"'{CliHost.Shown(name)}' is released; the record of it is in the log");
            return AuditExitCode.Verified;
        });
        return command;
    }

    private static ExampleCommand List(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        Option<bool> json = CommonOptions.Json();
        var command = new ExampleCommand("list", "Show the holds that are placed and not released. Exits with 0.", "agt audit hold list audit/ --json") { directory, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            using IAuditStore store = LogDirectory.Open(parsed.GetRequiredValue(directory));
            IReadOnlyList<LegalHold> holds = Guard(() => LegalHolds.Read(store, cancellationToken));
            if (parsed.GetValue(json))
            {
                Json(host, writer =>
                {
                    writer.WriteStartArray("holds");
                    foreach (LegalHold hold in holds)
                    {
                        Write(writer, hold);
                    }

                    writer.WriteEndArray();
                });
                return Task.FromResult(AuditExitCode.Verified);
            }

            foreach (LegalHold hold in holds)
            {
                host.Line(CliHost.Shown($"{hold.Id}: {Scope(hold)}, since record {hold.Index} by {hold.Actor}: {hold.Reason}"));
            }

            if (holds.Count == 0)
            {
                host.Line("nothing is held");
            }

            return Task.FromResult(AuditExitCode.Verified);
        });
        return command;
    }

    private static Argument<string> HoldName() => new("name") { Description = "The name of the hold, such as the number of a case.", HelpName = "NAME" };

    private static Option<string> Reason() => new("--reason") { Description = "Why.", HelpName = "TEXT", Required = true };

    private static TimeSpan Days(double days) => days is > 0 and <= 36_500 ? TimeSpan.FromDays(days) : throw new CliException($"--older-than is {days.ToString(CultureInfo.InvariantCulture)}; it is a number of days, more than 0 and at most 36500.", ExitCode.Usage);

    private static string Scope(LegalHold hold)
    {
        string[] parts =
        [
            .. hold.Agent is { } agent ? [$"agent {agent}"] : Array.Empty<string>(),
            .. hold.Trace is { } trace ? [$"trace {trace}"] : Array.Empty<string>(),
            .. hold.From is { } from ? [string.Create(CultureInfo.InvariantCulture, $"from {from:u}")] : Array.Empty<string>(),
            .. hold.To is { } to ? [string.Create(CultureInfo.InvariantCulture, $"to {to:u}")] : Array.Empty<string>(),
        ];
        return parts.Length == 0 ? "everything" : string.Join(", ", parts);
    }

    private static void Write(Utf8JsonWriter writer, LegalHold hold)
    {
        writer.WriteStartObject();
        writer.WriteString("name", hold.Id);
        writer.WriteString("reason", hold.Reason);
        writer.WriteString("actor", hold.Actor);
        writer.WriteNumber("index", hold.Index);
        Member("agent", hold.Agent);
        Member("trace", hold.Trace);
        Member("from", hold.From?.ToString("O"));
        Member("to", hold.To?.ToString("O"));
        writer.WriteEndObject();

        void Member(string name, string? value)
        {
            if (value is not null)
            {
                writer.WriteString(name, value);
            }
        }
    }

    private static void Show(CliHost host, PurgePlan plan, bool dryRun, bool json)
    {
        if (json)
        {
            Json(host, writer =>
            {
                writer.WriteBoolean("dry_run", dryRun);
                writer.WriteNumber("first_before", plan.From);
                writer.WriteNumber("first", plan.First);
                writer.WriteNumber("purged", plan.Count);
                if (plan.StoppedAt is { } at)
                {
                    writer.WriteNumber("stopped_at", at);
                    writer.WriteString("because", plan.Because);
                }

                if (plan.Archive is { } manifest)
                {
                    writer.WriteString("archive_manifest_sha256", manifest);
                }
            });
            return;
        }

        host.Line(plan.Count == 0
            ? "nothing to drop"
            : string.Create(CultureInfo.InvariantCulture, $"{(dryRun ? "would drop" : "dropped")} {plan.Count} records, {plan.From} to {plan.First - 1}; their hashes stay"));
        if (plan.StoppedAt is { } stopped)
        {
            host.Line(CliHost.Shown(string.Create(CultureInfo.InvariantCulture, $"record {stopped} has to stay: {plan.Because}")));
        }

        if (plan.Archive is { } archive)
        {
            host.Line($"archived and verified; the manifest is sha256:{archive}");
        }
    }

    private static void Json(CliHost host, Action<Utf8JsonWriter> write)
    {
        using (Utf8JsonWriter writer = JsonOutput.Writer(host.Output))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        JsonOutput.End(host.Output);
    }

    private static T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (exception is InvalidDataException or ArgumentException)
        {
            throw new CliException(CliHost.Clean(exception.Message), exception is ArgumentException ? ExitCode.Usage : AuditExitCode.Unreadable);
        }
    }
}
