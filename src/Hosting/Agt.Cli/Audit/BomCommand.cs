using System.CommandLine;
using System.Text;
using System.Text.Json;
using Agt.Audit.Bom;
using Agt.Audit.Signing;
using Agt.Audit.Stores;

namespace Agt.Cli.Audit;

/// <summary><c>agt audit bom</c>: what a decision was made from.</summary>
internal static class BomCommand
{
    private const int MaxKeyBytes = 4_096;

    internal static Command Create(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        Argument<string> record = new("record") { Description = "The index of the record, its record_id, or the id of its decision.", HelpName = "RECORD" };
        var format = new Option<string>("--format") { Description = "json, cyclonedx (1.6), or dsse: an in-toto statement about the hash of the record, signed with the log's key.", HelpName = "FORMAT", DefaultValueFactory = _ => "json" };
        format.AcceptOnlyFromAmong("json", "cyclonedx", "dsse");
        var keyFile = new Option<string?>("--key") { Description = "The log's private key, for dsse. Default: log.key in the directory.", HelpName = "FILE" };
        var command = new ExampleCommand(
            "bom",
            "Write the bill of materials of a decision: who acted, which policies and rules spoke, what was asked for and what came out. Exits with 0, or 3 if the record is no decision.",
            """
            agt audit bom audit/ 0001000000000f49
            agt audit bom audit/ 12 --format cyclonedx > decision.cdx.json
            agt audit bom audit/ 12 --format dsse --key log.key > decision.intoto.json
            """)
        {
            directory, record, format, keyFile,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = parsed.GetRequiredValue(directory);
            using IAuditStore store = LogDirectory.Open(path);
            (long index, ReadOnlyMemory<byte> leaf) = LogDirectory.Find(store, parsed.GetRequiredValue(record));
            DecisionBom bom = DecisionBom.FromRecord(leaf) ?? throw new CliException($"Record {index} is no decision, so that it has no bill of materials.", AuditExitCode.Unreadable);
            if (parsed.GetValue(format) == "dsse")
            {
                string from = parsed.GetValue(keyFile) ?? Path.Combine(path, "log.key");
                string text = Encoding.UTF8.GetString(await InputFile.ReadAllAsync(host, from, MaxKeyBytes, cancellationToken).ConfigureAwait(false));
                using AuditKey key = AuditKey.TryParse(text, out AuditKey? read) ? read : throw new CliException($"{InputFile.Name(from)}: this holds no private key of a log.", AuditExitCode.Unreadable);
                await host.Output.WriteAsync(key.Sign(BomExport.ToStatement(leaf, bom)).ToUtf8(), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                Write(host, leaf, bom, parsed.GetValue(format) == "cyclonedx");
            }

            JsonOutput.End(host.Output);
            return AuditExitCode.Verified;
        });
        return command;
    }

    private static void Write(CliHost host, ReadOnlyMemory<byte> leaf, DecisionBom bom, bool cycloneDx)
    {
        using Utf8JsonWriter writer = JsonOutput.Writer(host.Output);
        if (cycloneDx)
        {
            BomExport.WriteCycloneDx(writer, leaf, bom);
            return;
        }

        bom.WriteTo(writer);
    }
}
