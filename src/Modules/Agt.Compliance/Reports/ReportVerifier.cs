using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Statements;
using Agt.Compliance.Evidence;
using Agt.Compliance.Packs;

namespace Agt.Compliance.Reports;

/// <summary>
/// Checks a report in JSON with nothing but whom to trust: the checkpoint's signature, the proof of every record shown, that each record is what it is shown for, and that statuses, counts and scores follow from
/// each other. What it cannot tell without the log is whether the counts are complete.
/// </summary>
/// <remarks>Thread-safe. Anything malformed is a problem in the result, never an exception.</remarks>
public static class ReportVerifier
{
    /// <summary>The largest report that is read: 64 MiB.</summary>
    public const int MaxBytes = DsseEnvelope.MaxBytes;

    /// <summary>Checks a report.</summary>
    /// <param name="utf8">The report: signed by <see cref="ReportStatement"/>, or as <see cref="ReportJson"/> wrote it. What is not signed may be right, and nobody vouches for its counts and texts.</param>
    /// <param name="trust">Whose checkpoints are believed.</param>
    public static ReportVerification Verify(ReadOnlyMemory<byte> utf8, TrustPolicy trust)
    {
        ArgumentNullException.ThrowIfNull(trust);
        var work = new Work(trust);
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
            if (document.RootElement.TryGetProperty("payloadType", out _))
            {
                work.Envelope(utf8);
            }
            else
            {
                work.Report(document.RootElement);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or OverflowException)
        {
            work.Problem("The report is no report of this form, or damaged.");
        }

        return work.Result();
    }

    private sealed class Work(TrustPolicy trust)
    {
        private const int MaxProblems = 50;
        private readonly List<string> _problems = [];
        private readonly Dictionary<long, (LogHash Hash, byte[]? Leaf)> _records = [];
        private readonly RecordShape _shape = new();
        private SignedCheckpoint? _checkpoint;
        private bool _trusted;
        private int _proofs;
        private int _claims;

        private VerifierKey? _signedBy;

        internal ReportVerification Result() => new(_problems.Count == 0, _trusted, _signedBy, _checkpoint, _proofs, _claims, _problems);

        /// <summary>Checks the signature before anything inside is believed.</summary>
        internal void Envelope(ReadOnlyMemory<byte> utf8)
        {
            if (!DsseEnvelope.TryParse(utf8, out DsseEnvelope? envelope, out string? error))
            {
                Problem(error);
                return;
            }

            _signedBy = trust.Logs.FirstOrDefault(envelope.IsSignedBy);
            if (envelope.PayloadType != InTotoStatement.PayloadType || !InTotoStatement.TryParse(envelope.Payload, out InTotoStatement? statement, out error) || statement.PredicateType != ReportStatement.PredicateType)
            {
                Problem("The envelope holds no report. " + error);
                return;
            }

            if (_signedBy is null && envelope.Signatures.Any(signature => trust.Logs.Any(key => signature.KeyId == string.Create(CultureInfo.InvariantCulture, $"{key.Name}+{key.KeyId:x8}"))))
            {
                Problem("The signature does not hold: the report was changed after it was signed.");
            }

            using JsonDocument document = JsonDocument.Parse(statement.Predicate, new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
            Report(document.RootElement);
            if (_checkpoint?.Checkpoint is { } checkpoint)
            {
                Expect(statement.Subjects is [var subject] && subject.Name == checkpoint.Origin && subject.Sha256 == checkpoint.Root, "The statement is about another tree than the report.");
                Expect(_signedBy is null || _signedBy.Name == checkpoint.Origin, "The report is signed by the key of another log.");
            }
        }

        internal void Problem(string text)
        {
            if (_problems.Count < MaxProblems)
            {
                _problems.Add(text);
            }
        }

        internal void Report(JsonElement report)
        {
            if (Text(report, "schema") != ComplianceReport.Schema)
            {
                Problem($"The report is not of the form {ComplianceReport.Schema}.");
                return;
            }

            JsonElement log = report.GetProperty("log");
            if (!SignedCheckpoint.TryParse(Encoding.UTF8.GetBytes(Text(log, "checkpoint")), out _checkpoint, out string? error))
            {
                Problem("The checkpoint cannot be read: " + error);
                return;
            }

            _trusted = trust.IsSatisfiedBy(_checkpoint, out _);
            Checkpoint checkpoint = _checkpoint.Checkpoint;
            Expect(Text(log, "origin") == checkpoint.Origin && log.GetProperty("size").GetInt64() == checkpoint.Size && Text(log, "root") == checkpoint.Root.ToString(), "The name, size or root of the log is not that of the checkpoint.");
            JsonElement records = report.GetProperty("records");
            Expect(records.GetProperty("verified").GetInt64() + records.GetProperty("purged").GetInt64() == checkpoint.Size && records.GetProperty("considered").GetInt64() <= checkpoint.Size, "More records are counted than the checkpoint covers.");
            foreach (JsonElement record in report.GetProperty("evidence").EnumerateArray())
            {
                Evidence(record, checkpoint);
            }

            foreach (JsonElement framework in report.GetProperty("frameworks").EnumerateArray())
            {
                Framework(framework);
            }

            foreach (JsonElement violation in report.GetProperty("violations").EnumerateArray())
            {
                Expect(_records.ContainsKey(violation.GetProperty("index").GetInt64()), "A violation has no record.");
            }
        }

        private void Evidence(JsonElement record, Checkpoint checkpoint)
        {
            long index = record.GetProperty("index").GetInt64();
            string name = string.Create(CultureInfo.InvariantCulture, $"record {index}");
            var path = new List<LogHash>();
            foreach (JsonElement hash in record.GetProperty("path").EnumerateArray())
            {
                if (!LogHash.TryParseBase64(hash.GetString(), out LogHash one) || path.Count > 63)
                {
                    Problem($"The proof of {name} is malformed.");
                    return;
                }

                path.Add(one);
            }

            if (!LogHash.TryParseHex(Text(record, "leaf_hash"), out LogHash leafHash) || !Proof.Verify(leafHash, index, checkpoint.Size, [.. path], checkpoint.Root))
            {
                Problem($"The proof of {name} does not hold.");
                return;
            }

            _proofs++;
            byte[]? leaf = record.TryGetProperty("record", out JsonElement text) ? Encoding.UTF8.GetBytes(text.GetString()!)
                : record.TryGetProperty("record_base64", out JsonElement base64) ? base64.GetBytesFromBase64() : null;
            if (leaf is not null && MerkleTree.HashLeaf(leaf) != leafHash)
            {
                Problem($"The contents of {name} are not those that are in the log.");
                return;
            }

            Expect(_records.TryAdd(index, (leafHash, leaf)), $"There are two of {name}.");
        }

        private void Framework(JsonElement framework)
        {
            string name = Text(framework, "framework");
            var counts = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (JsonElement control in framework.GetProperty("controls").EnumerateArray())
            {
                string status = Control(control);
                counts[status] = counts.GetValueOrDefault(status) + 1;
            }

            int total = counts.Values.Sum();
            int none = counts.GetValueOrDefault("not_assessed");
            bool sums = framework.GetProperty("total").GetInt32() == total;
            foreach (string status in new[] { "met", "partial", "failed", "not_assessed" })
            {
                sums &= framework.GetProperty(status).GetInt32() == counts.GetValueOrDefault(status);
            }

            Expect(sums, $"The counts of {name} are not those of its controls.");
            JsonElement score = framework.GetProperty("score");
            Expect(
                total == none ? score.ValueKind == JsonValueKind.Null : score.ValueKind == JsonValueKind.Number && Math.Abs(score.GetDouble() - Math.Round(100.0 * counts.GetValueOrDefault("met") / (total - none), 1)) < 0.001,
                $"The score of {name} does not follow from its controls.");
        }

        private string Control(JsonElement control)
        {
            string id = Text(control, "control_id");
            var checks = new List<(CheckStatus, bool, bool)>();
            foreach (JsonElement check in control.GetProperty("checks").EnumerateArray())
            {
                checks.Add((Check(check, id), check.GetProperty("required").GetBoolean(), check.GetProperty("critical").GetBoolean()));
            }

            string status = Text(control, "status");
            Expect(ReportNames.Of(ControlJudge.Of(checks, control.GetProperty("open_violations").GetInt64())) == status, $"The status of {id} does not follow from its checks.");
            return status;
        }

        private CheckStatus Check(JsonElement check, string control)
        {
            CheckStatus said = Text(check, "status") switch { "passed" => CheckStatus.Passed, "failed" => CheckStatus.Failed, "not_assessed" => CheckStatus.NotAssessed, _ => throw new FormatException("status") };
            long supporting = Side(check, "for", control);
            long against = Side(check, "against", control);
            if (check.TryGetProperty("log", out JsonElement fact))
            {
                bool holds = said != CheckStatus.Passed || (_checkpoint!.Checkpoint.Size > 0 && (fact.GetString() != "witnessed" || trust.RequiresWitnesses));
                Expect(holds && said != CheckStatus.Failed, $"A check of {control} says of the log what cannot be: '{Text(check, "text")}'");
                return said;
            }

            CheckStatus follows = ControlJudge.Of(supporting, against, check.GetProperty("at_least").GetInt64(), check.GetProperty("tolerate_percent").GetInt64());

            // What could not be followed to its end may say less than its counts, never more.
            Expect(said == follows || (said == CheckStatus.NotAssessed && follows == CheckStatus.Passed), $"The result of a check of {control} does not follow from its counts: '{Text(check, "text")}'");
            Samples(check, control);
            return said;
        }

        private long Side(JsonElement check, string name, string control)
        {
            JsonElement side = check.GetProperty(name);
            long count = side.GetProperty("count").GetInt64();
            long listed = 0;
            long last = -1;
            if (check.TryGetProperty("log", out _))
            {
                return count;
            }

            foreach (JsonElement range in side.GetProperty("ranges").EnumerateArray())
            {
                long first = range.GetProperty("first").GetInt64();
                long end = range.GetProperty("last").GetInt64();
                long belongs = range.GetProperty("count").GetInt64();
                Expect(first > last && end >= first && belongs >= 1 && belongs <= end - first + 1 && end < _checkpoint!.Checkpoint.Size, $"The ranges of {control} cannot be.");
                last = end;
                listed += belongs;
            }

            Expect(listed == count, $"The ranges of {control} have not as many records as are counted.");
            return count;
        }

        private void Samples(JsonElement check, string control)
        {
            if (!TryQuery(check, "among", out RecordQuery? among))
            {
                throw new FormatException("among");
            }

            TryQuery(check, "good", out RecordQuery? good);
            TryQuery(check, "bad", out RecordQuery? bad);
            bool readable = !new[] { among, good, bad }.Any(query => query is not null && query.Tests.Any(test => test.Field == FieldTest.FindingField));
            var queries = new QuerySet(_shape);
            int amongAt = queries.Add(among);
            int goodAt = good is null ? -1 : queries.Add(good);
            int badAt = bad is null ? -1 : queries.Add(bad);
            foreach (bool supports in new[] { true, false })
            {
                foreach (JsonElement sample in check.GetProperty(supports ? "for" : "against").GetProperty("samples").EnumerateArray())
                {
                    long index = sample.GetProperty("index").GetInt64();
                    if (!_records.TryGetValue(index, out (LogHash Hash, byte[]? Leaf) record) || record.Hash.ToString() != Text(sample, "leaf_hash"))
                    {
                        Problem($"A sample of {control} has no record that is proven.");
                        continue;
                    }

                    if (!readable || record.Leaf is null)
                    {
                        continue;
                    }

                    _claims++;
                    string?[] values = new string?[_shape.Count];
                    bool read = _shape.TryRead(record.Leaf, values, out _);
                    queries.Turn(values, []);
                    bool isGood = goodAt >= 0 ? queries.Takes(goodAt) : badAt < 0 || !queries.Takes(badAt);
                    Expect(read && queries.Takes(amongAt) && isGood == supports, string.Create(CultureInfo.InvariantCulture, $"Record {index} is not what {control} shows it for."));
                }
            }
        }

        private static bool TryQuery(JsonElement check, string name, [NotNullWhen(true)] out RecordQuery? query)
        {
            query = null;
            if (!check.TryGetProperty(name, out JsonElement tests))
            {
                return false;
            }

            query = new RecordQuery(name, [.. tests.EnumerateArray().Select(test => new FieldTest(
                Text(test, "field"), test.TryGetProperty("not", out JsonElement not) && not.GetBoolean(), [.. test.GetProperty("values").EnumerateArray().Select(value => value.GetString()!)]))]);
            return true;
        }

        private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? throw new FormatException(name);

        private void Expect(bool holds, string problem)
        {
            if (!holds)
            {
                Problem(problem);
            }
        }
    }
}
