using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Receipts;
using Agt.Audit.Stores;
using Agt.Audit.Tiles;

namespace Agt.Cli.Audit;

/// <summary><c>agt audit prove</c> and <c>agt audit check</c>: evidence for one record that travels alone.</summary>
internal static class ReceiptCommands
{
    private const int MaxBytes = 256 * 1024;

    internal static Command Prove(CliHost host)
    {
        Argument<string> directory = LogDirectory.Argument();
        Argument<string> record = new("record") { Description = "The index of the record, its record_id, or the id of its decision.", HelpName = "RECORD" };
        var output = new Option<string>("--out", "-o") { Description = "Where to write the receipt; '-' for standard output.", HelpName = "FILE", DefaultValueFactory = _ => "-" };
        var command = new ExampleCommand(
            "prove",
            "Write a receipt: the record, its place in the log and the signed checkpoint (C2SP tlog-proof). Whoever trusts the log's key can check it alone. Exits with 0, or 3 if there is no such record or no checkpoint covers it yet.",
            """
            agt audit prove audit/ 0000000000000007 --out refund.tlog-proof
            agt audit check refund.tlog-proof --vkey log.key.pub
            """)
        {
            directory, record, output,
        };
        command.SetAction(parsed =>
        {
            using IAuditStore store = LogDirectory.Open(parsed.GetRequiredValue(directory));
            (long index, ReadOnlyMemory<byte> leaf) = LogDirectory.Find(store, parsed.GetRequiredValue(record));
            if (!SignedCheckpoint.TryParse(store.ReadCheckpoint().Span, out SignedCheckpoint? checkpoint, out string? error))
            {
                throw new CliException("The log has no checkpoint that can be read: " + CliHost.Clean(error), AuditExitCode.Unreadable);
            }

            if (checkpoint.Checkpoint.Size <= index)
            {
                throw new CliException(string.Create(CultureInfo.InvariantCulture, $"Record {index} is newer than the latest checkpoint, which covers {checkpoint.Checkpoint.Size} records. The log signs every second; try again."), AuditExitCode.Unreadable);
            }

            var receipt = new Receipt(index, new TileTree(store).Inclusion(index, checkpoint.Checkpoint.Size), checkpoint, leaf);
            if (!Proof.Verify(leaf.Span, index, checkpoint.Checkpoint.Size, [.. receipt.Path], checkpoint.Checkpoint.Root))
            {
                throw new CliException(string.Create(CultureInfo.InvariantCulture, $"Record {index} is not the one that was signed: run 'agt audit verify'."), AuditExitCode.Tampered);
            }

            string file = parsed.GetRequiredValue(output);
            if (file == "-")
            {
                host.Text.Write(receipt.ToString());
            }
            else
            {
                InputFile.Write(file, receipt.ToString());
                host.Line(string.Create(CultureInfo.InvariantCulture, $"{CliHost.Shown(file)}: record {index} of {CliHost.Shown(checkpoint.Checkpoint.Origin)}"));
            }

            return AuditExitCode.Verified;
        });
        return command;
    }

    internal static Command Check(CliHost host)
    {
        Argument<string> file = new("receipt") { Description = "The receipt.", HelpName = "FILE" };
        var leafFile = new Option<string>("--leaf") { Description = "The record, byte for byte; if left out, the one that travels in the receipt.", HelpName = "FILE" };
        var trust = new AuditTrust();
        Option<bool> json = CommonOptions.Json("Write the result as JSON, with the record.");
        var command = new ExampleCommand(
            "check",
            "Check a receipt: that the record is in the log, and that the log is to be believed. Needs nothing but the key. Exits with 0 if verified, 1 if not, 3 if it cannot be read, 4 if the checkpoint is not signed by who is trusted.",
            """
            agt audit check refund.tlog-proof --vkey log.key.pub
            agt audit check refund.tlog-proof --policy trust.txt --leaf record.json
            """)
        {
            file, leafFile, json,
        };
        trust.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = parsed.GetRequiredValue(file);
            TrustPolicy trusted = await trust.ReadAsync(host, parsed, cancellationToken).ConfigureAwait(false) ?? throw new CliException("Say whom to trust: --vkey with the public key of the log, or --policy.", AuditExitCode.NotTrusted);
            byte[] bytes = await InputFile.ReadAllAsync(host, path, MaxBytes, cancellationToken).ConfigureAwait(false);
            if (bytes.AsSpan().StartsWith(System.Text.Encoding.ASCII.GetBytes(ForkProof.Header)))
            {
                return CheckFork(host, path, bytes, trusted);
            }

            if (!Receipt.TryParse(bytes, out Receipt? receipt, out string? error))
            {
                throw new CliException($"{InputFile.Name(path)}: this is no receipt. {CliHost.Clean(error)}", AuditExitCode.Unreadable);
            }

            ReadOnlyMemory<byte> leaf = parsed.GetValue(leafFile) is { } beside ? await InputFile.ReadAllAsync(host, beside, EntryBundle.MaxEntryBytes, cancellationToken).ConfigureAwait(false) : receipt.Extra;
            bool believed = trusted.IsSatisfiedBy(receipt.Checkpoint, out _);
            bool good = receipt.Verify(leaf.Span, trusted, out error);
            int code = good ? AuditExitCode.Verified : believed ? AuditExitCode.Tampered : AuditExitCode.NotTrusted;
            Write(host, receipt, leaf, code, error, parsed.GetValue(json));
            return code;
        });
        return command;
    }

    /// <summary>A proof that a log showed two histories: it holds, or it does not, and neither is good news about who wrote it.</summary>
    private static int CheckFork(CliHost host, string path, byte[] bytes, TrustPolicy trusted)
    {
        if (!ForkProof.TryParse(bytes, out ForkProof? fork, out string? error))
        {
            throw new CliException($"{InputFile.Name(path)}: {CliHost.Clean(error)}", AuditExitCode.Unreadable);
        }

        foreach (VerifierKey key in trusted.Logs)
        {
            if (fork.Proves(key, out error))
            {
                host.Line(string.Create(CultureInfo.InvariantCulture, $"[red]proven[/]: {CliHost.Shown(key.Name)} signed two different trees of {fork.First.Checkpoint.Size} records"));
                return AuditExitCode.Tampered;
            }
        }

        host.Line($"[yellow]not proven[/]: {CliHost.Shown(error)}");
        return AuditExitCode.NotTrusted;
    }

    private static void Write(CliHost host, Receipt receipt, ReadOnlyMemory<byte> leaf, int code, string? error, bool json)
    {
        Checkpoint checkpoint = receipt.Checkpoint.Checkpoint;
        if (!json)
        {
            host.Line(code switch { AuditExitCode.Verified => "[green]verified[/]", AuditExitCode.Tampered => "[red]not verified[/]", _ => "[yellow]not trusted[/]" } +
                string.Create(CultureInfo.InvariantCulture, $": record {receipt.Index} of {CliHost.Shown(checkpoint.Origin)} ({checkpoint.Size} records)"));
            if (error is not null)
            {
                host.Line("  " + CliHost.Shown(error));
            }

            if (code == AuditExitCode.Verified)
            {
                RecordView.Write(host, leaf);
            }

            return;
        }

        using (Utf8JsonWriter writer = JsonOutput.Writer(host.Output))
        {
            writer.WriteStartObject();
            writer.WriteString("result", code switch { AuditExitCode.Verified => "verified", AuditExitCode.Tampered => "tampered", _ => "not_trusted" });
            writer.WriteString("origin", checkpoint.Origin);
            writer.WriteNumber("index", receipt.Index);
            writer.WriteNumber("checkpoint_size", checkpoint.Size);
            writer.WriteString("leaf_hash", MerkleTree.HashLeaf(leaf.Span).ToString());
            if (error is not null)
            {
                writer.WriteString("error", error);
            }

            if (code == AuditExitCode.Verified)
            {
                writer.WritePropertyName("record");
                RecordView.WriteJson(writer, leaf);
            }

            writer.WriteEndObject();
        }

        JsonOutput.End(host.Output);
    }
}
