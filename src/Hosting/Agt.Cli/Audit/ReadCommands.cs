using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Agt.Audit.Export;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Records;
using Agt.Audit.Sealing;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;

namespace Agt.Cli.Audit;

/// <summary><c>agt audit show</c>, <c>query</c>, <c>tail</c> and <c>export</c>: what stands in a log.</summary>
internal static class ReadCommands
{
    internal static Command Show(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        Argument<string> record = new("record") { Description = "The index of the record, its record_id, or the id of its decision.", HelpName = "RECORD" };
        Option<string> sealKey = SealingCommands.KeyOption();
        Option<bool> json = CommonOptions.Json("Write the record as it stands in the log.");
        var command = new ExampleCommand("show", "Show one record, and with the sealing key its arguments. Exits with 0, or 3 if there is none.", "agt audit show audit/ 12 --seal-key seal.key") { directory, record, sealKey, json };
        command.SetAction(parsed =>
        {
            using IAuditStore store = LogDirectory.Open(parsed.GetRequiredValue(directory));
            (long index, ReadOnlyMemory<byte> leaf) = LogDirectory.Find(store, parsed.GetRequiredValue(record));
            if (parsed.GetValue(json))
            {
                host.Output.Write(leaf.Span);
                JsonOutput.End(host.Output);
            }
            else
            {
                host.Line(string.Create(CultureInfo.InvariantCulture, $"record {index}, leaf hash {MerkleTree.HashLeaf(leaf.Span)}"));
                RecordView.Write(host, leaf);
                if (InputFile.Guard(parsed.GetRequiredValue(directory), () => ContextBlob.Read(parsed.GetRequiredValue(directory), index, leaf)) is { } beside)
                {
                    host.Text.WriteLine($"  {"arguments (beside the log)",-32} {CliHost.Clean(beside)}");
                }

                using SealedLog? opened = SealingCommands.Open(parsed.GetRequiredValue(directory), parsed.GetValue(sealKey));
                if (opened is not null)
                {
                    FieldStatus status = opened.ReadArguments(index, leaf, out string? arguments);
                    host.Text.WriteLine($"  {"arguments (" + status.ToString().ToLowerInvariant() + ")",-32} {CliHost.Clean(arguments)}");
                }
            }

            return AuditExitCode.Verified;
        });
        return command;
    }

    internal static Command Query(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        Option<string> agent = Text("--agent", "The agent: its id or DID.");
        Option<string> kind = Text("--kind", "decision, outcome, event, config, security, ...");
        Option<string> decision = Text("--decision", "allow, warn, escalate or deny.");
        Option<string> action = Text("--action", "The tool, or the operation.");
        Option<string> rule = Text("--rule", "The rule that decided.");
        Option<string> session = Text("--session", "The session.");
        Option<string> trace = Text("--trace", "The trace.");
        var from = new Option<DateTimeOffset?>("--from") { Description = "From this time on (RFC 3339).", HelpName = "TIME" };
        var to = new Option<DateTimeOffset?>("--to") { Description = "Up to this time.", HelpName = "TIME" };
        var limit = new Option<int>("--limit", "-n") { Description = "The most records, 1 to 1000.", HelpName = "COUNT", DefaultValueFactory = _ => 100 };
        var below = new Option<long?>("--below") { Description = "Only records below this index: the last of the page before.", HelpName = "INDEX" };
        Option<bool> json = CommonOptions.Json("Write the records as JSON lines: index and record.");
        var command = new ExampleCommand(
            "query",
            "Find records, latest first; everything that is given must hold. Exits with 0.",
            """
            agt audit query audit/ --decision deny --from 2026-11-01
            agt audit query audit/ --agent billing-1 --limit 20 --json
            """)
        {
            directory, agent, kind, decision, action, rule, session, trace, from, to, limit, below, json,
        };
        command.SetAction(parsed =>
        {
            int most = parsed.GetValue(limit);
            if (most is < 1 or > 1_000)
            {
                throw new CliException("--limit is 1 to 1000.", ExitCode.Usage);
            }

            using IAuditStore store = LogDirectory.Open(parsed.GetRequiredValue(directory));
            var filter = new RecordFilter
            {
                Agent = parsed.GetValue(agent), Kind = parsed.GetValue(kind), Decision = parsed.GetValue(decision), Action = parsed.GetValue(action), Rule = parsed.GetValue(rule),
                Session = parsed.GetValue(session), Trace = parsed.GetValue(trace), From = parsed.GetValue(from), To = parsed.GetValue(to),
            };
            long end = Math.Min(store.Size, parsed.GetValue(below) ?? long.MaxValue);
            foreach ((long index, ReadOnlyMemory<byte> leaf) in filter.Latest(store, end).Take(most))
            {
                WriteRecord(host, index, leaf, parsed.GetValue(json));
            }

            return AuditExitCode.Verified;
        });
        return command;
    }

    internal static Command Tail(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        var count = new Option<int>("--lines", "-n") { Description = "How many records to begin with, 0 to 100000.", HelpName = "COUNT", DefaultValueFactory = _ => 10 };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what is written, until Ctrl-C." };
        Option<bool> json = CommonOptions.Json("Write the records as JSON lines: index and record.");
        var command = new ExampleCommand("tail", "Show the latest records, and with --follow those to come. Exits with 0.", "agt audit tail audit/ --follow") { directory, count, follow, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = parsed.GetRequiredValue(directory);
            long next = -1;
            while (true)
            {
                using (IAuditStore store = LogDirectory.Open(path))
                {
                    next = next < 0 ? Math.Max(store.First, store.Size - Math.Clamp(parsed.GetValue(count), 0, 100_000)) : next;
                    foreach (ReadOnlyMemory<byte> leaf in store.ReadLeaves(next, long.MaxValue - next))
                    {
                        WriteRecord(host, next++, leaf, parsed.GetValue(json));
                    }
                }

                if (!parsed.GetValue(follow))
                {
                    return AuditExitCode.Verified;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(200), host.Time, cancellationToken).ConfigureAwait(false);
            }
        });
        return command;
    }

    internal static Command Export(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        var output = new Option<string>("--out", "-o") { Description = "Where to write; '-' for standard output.", HelpName = "FILE", DefaultValueFactory = _ => "-" };
        var proofs = new Option<bool>("--proofs") { Description = "With the proof of every record against the checkpoint (format json)." };
        var format = new Option<string>("--format", "-f") { Description = "json: one document; or a line each: jsonl, cloudevents (1.0) or ocsf (API Activity).", HelpName = "json|jsonl|cloudevents|ocsf", DefaultValueFactory = _ => "json" };
        format.AcceptOnlyFromAmong("json", "jsonl", "cloudevents", "ocsf");
        var cursor = new Option<string>("--cursor") { Description = "A file that remembers how far the export came: the next one goes on from there. For lines.", HelpName = "FILE" };
        var command = new ExampleCommand(
            "export",
            "Write all records that the latest checkpoint covers: as one JSON document with the checkpoint and, if asked for, proofs; or a line each for other systems. Never cut short. Exits with 0.",
            """
            agt audit export audit/ --proofs --out evidence.json
            agt audit export audit/ --format cloudevents --cursor siem.cursor >> events.jsonl
            """)
        {
            directory, output, proofs, format, cursor,
        };
        command.SetAction(parsed =>
        {
            using IAuditStore store = LogDirectory.Open(parsed.GetRequiredValue(directory));
            if (!SignedCheckpoint.TryParse(store.ReadCheckpoint().Span, out SignedCheckpoint? checkpoint, out string? error))
            {
                throw new CliException("The log has no checkpoint that can be read: " + CliHost.Clean(error), AuditExitCode.Unreadable);
            }

            string file = parsed.GetRequiredValue(output);
            string form = parsed.GetRequiredValue(format);
            if (form != "json")
            {
                using Stream? lines = file == "-" ? null : InputFile.Guard(file, () => new FileStream(file, FileMode.Append));
                ExportLines(lines ?? host.Output, store, checkpoint.Checkpoint, form, parsed.GetValue(cursor));
                return AuditExitCode.Verified;
            }

            if (file == "-")
            {
                ExportTo(host, host.Output, store, checkpoint, parsed.GetValue(proofs));
            }
            else
            {
                using FileStream stream = InputFile.Guard(file, () => File.Create(file));
                ExportTo(host, stream, store, checkpoint, parsed.GetValue(proofs));
            }

            return AuditExitCode.Verified;
        });
        return command;
    }

    internal static Command Publish(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        Argument<string> output = new("output") { Description = "Where to write; what is there of an earlier time is added to.", HelpName = "OUTPUT" };
        var command = new ExampleCommand(
            "publish",
            "Write the log as static files (C2SP tlog-tiles): for a web server, for auditors, as a backup. Any tool for that standard reads them, and so does 'agt audit verify'. Exits with 0.",
            """
            agt audit publish audit/ public/
            agt audit verify public/ --vkey log.key.pub
            """)
        {
            directory, output,
        };
        command.SetAction(parsed =>
        {
            using IAuditStore store = LogDirectory.Open(parsed.GetRequiredValue(directory));
            string to = parsed.GetRequiredValue(output);
            int files = InputFile.Guard(to, () => TileDirectory.Publish(store, to));
            host.Line(string.Create(CultureInfo.InvariantCulture, $"{CliHost.Shown(to)}: {files} files written"));
            return AuditExitCode.Verified;
        });
        return command;
    }

    /// <summary>Writes a line for each record behind the cursor. The cursor moves when the lines are written: what was interrupted is written again, under the same ids.</summary>
    private static void ExportLines(Stream output, IAuditStore store, Checkpoint checkpoint, string format, string? cursorFile)
    {
        const int FlushEvery = 1_024;
        long next = ReadCursor(cursorFile, checkpoint, store.First);
        var lines = new System.Buffers.ArrayBufferWriter<byte>();
        foreach (ReadOnlyMemory<byte> leaf in store.ReadLeaves(next, checkpoint.Size - next))
        {
            switch (format)
            {
                case "cloudevents":
                    RecordExport.WriteCloudEvent(lines, checkpoint.Origin, next, checkpoint.Size, leaf);
                    break;
                case "ocsf":
                    RecordExport.WriteOcsf(lines, checkpoint.Origin, next, leaf);
                    break;
                default:
                    System.Buffers.BuffersExtensions.Write(lines, leaf.Span);
                    break;
            }

            System.Buffers.BuffersExtensions.Write(lines, "\n"u8);
            if (++next % FlushEvery == 0)
            {
                Put();
            }
        }

        Put();

        void Put()
        {
            output.Write(lines.WrittenSpan);
            output.Flush();
            lines.ResetWrittenCount();
            if (cursorFile is not null)
            {
                InputFile.Write(cursorFile, string.Create(CultureInfo.InvariantCulture, $"{checkpoint.Origin}\n{next}\n"));
            }
        }
    }

    private static long ReadCursor(string? file, Checkpoint checkpoint, long first)
    {
        if (file is null || !File.Exists(file))
        {
            return first;
        }

        string[] lines = InputFile.Guard(file, () => new FileInfo(file).Length < 1_024 ? File.ReadAllLines(file) : []);
        if (lines.Length != 2 || lines[0] != checkpoint.Origin || !long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out long next) || next > checkpoint.Size)
        {
            throw new CliException($"{InputFile.Name(file)}: this is no cursor of the log '{CliHost.Clean(checkpoint.Origin)}', or one of a longer log. Remove it to export everything again.");
        }

        return next >= first
            ? next
            : throw new CliException($"{InputFile.Name(file)}: the records from {next} to {first - 1} were purged before they were exported. Remove the cursor to go on with record {first}.");
    }

    private static void ExportTo(CliHost host, Stream output, IAuditStore store, SignedCheckpoint checkpoint, bool proofs)
    {
        long size = Math.Min(checkpoint.Checkpoint.Size, store.Size);
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("exported_at", host.Time.GetUtcNow());
            writer.WriteString("checkpoint", checkpoint.Note.ToString());
            writer.WriteNumber("entry_count", size - store.First);
            writer.WriteStartArray("entries");
            long index = store.First;
            foreach (ReadOnlyMemory<byte> leaf in store.ReadLeaves(index, size - index))
            {
                writer.WriteStartObject();
                writer.WriteNumber("index", index++);
                writer.WriteBase64String("leaf", leaf.Span);
                writer.WriteEndObject();
                Flush(writer);
            }

            writer.WriteEndArray();
            if (proofs)
            {
                writer.WriteStartArray("proofs");
                var tree = new TileTree(store);
                for (long at = store.First; at < size; at++)
                {
                    writer.WriteStartArray();
                    foreach (LogHash hash in tree.Inclusion(at, size))
                    {
                        writer.WriteStringValue(hash.ToBase64());
                    }

                    writer.WriteEndArray();
                    Flush(writer);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        JsonOutput.End(output);
    }

    private static void Flush(Utf8JsonWriter writer)
    {
        if (writer.BytesPending > 64 * 1024)
        {
            writer.Flush();
        }
    }

    private static void WriteRecord(CliHost host, long index, ReadOnlyMemory<byte> leaf, bool json)
    {
        if (!json)
        {
            host.Line(RecordView.Line(index, leaf));
            return;
        }

        using (var writer = new Utf8JsonWriter(host.Output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("index", index);
            writer.WritePropertyName("record");
            RecordView.WriteJson(writer, leaf);
            writer.WriteEndObject();
        }

        JsonOutput.End(host.Output);
    }

    private static Option<string> Text(string name, string description) => new(name) { Description = description, HelpName = "TEXT" };
}
