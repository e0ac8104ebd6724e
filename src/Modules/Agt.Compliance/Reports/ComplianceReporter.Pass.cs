using System.Globalization;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Tiles;
using Agt.Audit.Verification;
using Agt.Compliance.Evidence;
using Agt.Compliance.Packs;

namespace Agt.Compliance.Reports;

/// <content>The walk over the records, and what comes of it.</content>
public sealed partial class ComplianceReporter
{
    /// <summary>One walk over the records that were signed.</summary>
    private sealed class Pass
    {
        private readonly ComplianceReporter _owner;
        private readonly LogVerification _verified;
        private readonly long _size;
        private readonly long _first;
        private readonly RecordShape _shape = new();
        private readonly ViolationTally _violations;
        private readonly List<List<(ComplianceControl Control, CheckTally?[] Tallies)>> _frameworks = [];
        private readonly List<CheckTally> _tallies = [];
        private readonly QuerySet _queries;
        private readonly Dictionary<long, List<string>> _findings = [];
        private DateTimeOffset? _earliest;
        private DateTimeOffset? _latest;
        private long _considered;
        private long _unreadable;

        internal Pass(ComplianceReporter owner, LogVerification verified, long size)
        {
            _owner = owner;
            _verified = verified;
            _size = size;
            _first = Math.Min(owner._store.First, size);
            _queries = new QuerySet(_shape);
            _violations = new ViolationTally(_shape);
            foreach (LogFinding finding in verified.Findings.Where(finding => finding.Index >= 0))
            {
                if (!_findings.TryGetValue(finding.Index, out List<string>? kinds))
                {
                    _findings.Add(finding.Index, kinds = []);
                }

                kinds.Add(finding.Kind);
            }

            foreach (CompliancePack pack in owner._packs)
            {
                _frameworks.Add([.. pack.Controls.Select(control => (control, control.Checks.Select(Tally).ToArray()))]);
            }
        }

        private bool FindingsIncomplete => _verified.FindingCount > _verified.Findings.Count;

        private CheckTally? Tally(ControlCheck check)
        {
            if (check.Fact is not null)
            {
                return null;
            }

            var tally = new CheckTally(check, _queries, _shape, _owner.Samples);
            _tallies.Add(tally);
            return tally;
        }

        /// <summary>Judges every record, and hashes it again: what is judged is what was signed, also if somebody writes into the files meanwhile.</summary>
        internal void Run(Checkpoint checkpoint, CancellationToken cancellationToken)
        {
            // What was purged is vouched for by its hashes alone, and speaks for nothing.
            CompactRange tree = _first == 0 ? new CompactRange() : new TileTree(_owner._store, keptTiles: 4).Frontier(_first);
            string?[] values = new string?[_shape.Count];
            int agent = _shape.Slot("agent");
            foreach (ReadOnlyMemory<byte> leaf in _owner._store.ReadLeaves(_first, _size - _first))
            {
                long index = tree.Size;
                LogHash hash = MerkleTree.HashLeaf(leaf.Span);
                tree.Append(hash);
                if (!_shape.TryRead(leaf.Span, values, out DateTimeOffset at))
                {
                    _unreadable++;
                }
                else
                {
                    _earliest = _earliest is null || at < _earliest ? at : _earliest;
                    _latest = _latest is null || at > _latest ? at : _latest;
                    bool counts = (_owner.From is null || at >= _owner.From) && (_owner.To is null || at <= _owner.To) && (_owner.Agent is null || values[agent] == _owner.Agent);
                    _violations.Look(values, index, at, counts);
                    if (counts)
                    {
                        Look(values, index, hash, leaf);
                    }
                }

                if (tree.Size % CheckEvery == 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    _owner.Progress?.Invoke(_size + tree.Size);
                }
            }

            if (tree.Size != checkpoint.Size || tree.Root != checkpoint.Root)
            {
                throw new LogNotVerifiedException("The log was changed while the report was made.", null);
            }

            foreach (CheckTally tally in _tallies)
            {
                tally.Finish();
            }
        }

        private void Look(string?[] values, long index, LogHash hash, ReadOnlyMemory<byte> leaf)
        {
            _considered++;
            _queries.Turn(values, _findings.TryGetValue(index, out List<string>? kinds) ? kinds : NoFindings);
            foreach (CheckTally tally in _tallies)
            {
                tally.Look(_queries, values, index, hash, leaf);
            }
        }

        internal ComplianceReport Report(SignedCheckpoint checkpoint, DateTimeOffset now)
        {
            FrameworkResult[] frameworks = [.. _owner._packs.Select((pack, i) => new FrameworkResult(pack, [.. _frameworks[i].Select(Judge)]))];
            ReportedViolation[] violations = [.. _violations.All.Where(violation => frameworks.Any(framework => framework.Controls.Any(control => control.Control.ControlId == violation.ControlId)))];
            ControlResult[] controls = [.. frameworks.SelectMany(framework => framework.Controls)];
            return new ComplianceReport
            {
                GeneratedAt = now,
                Checkpoint = checkpoint,
                From = _owner.From,
                To = _owner.To,
                Agent = _owner.Agent,
                RecordsVerified = _size - _first,
                RecordsPurged = _first,
                RecordsConsidered = _considered,
                RecordsUnreadable = _unreadable,
                IsWitnessed = _owner._trust.RequiresWitnesses,
                Findings = new SortedDictionary<string, long>(_verified.Findings.GroupBy(finding => finding.Kind, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.LongCount()), StringComparer.Ordinal),
                FindingsIncomplete = FindingsIncomplete,
                Frameworks = frameworks,
                TotalViolations = controls.DistinctBy(control => control.Control.ControlId).Sum(control => control.Violations),
                OpenViolations = controls.DistinctBy(control => control.Control.ControlId).Sum(control => control.OpenViolations),
                Violations = [.. violations.Take(MaxViolations)],
                Recommendations = Recommend(frameworks, violations),
                Evidence = Evidence(checkpoint.Checkpoint, violations.Take(MaxViolations)),
            };
        }

        private ControlResult Judge((ComplianceControl Control, CheckTally?[] Tallies) control)
        {
            CheckResult[] checks = [.. control.Control.Checks.Select((check, i) => control.Tallies[i] is { } tally ? Judge(tally) : Judge(check))];
            long open = _violations.OpenOf(control.Control.ControlId);
            ControlStatus status = ControlJudge.Of([.. checks.Select(check => (check.Status, check.Check.Required, check.Check.Critical))], open);
            return new ControlResult(control.Control, status, checks, _violations.Of(control.Control.ControlId), open);
        }

        private CheckResult Judge(CheckTally tally)
        {
            CheckStatus status = ControlJudge.Of(tally.For, tally.Against, tally.Check.AtLeast, tally.Check.TolerancePercent);
            string explanation = ControlJudge.Explain(tally.Check, status, tally.For, tally.Against);
            if (status == CheckStatus.Passed && (tally.IsIncomplete || (FindingsIncomplete && UsesFindings(tally.Check))))
            {
                status = CheckStatus.NotAssessed;
                explanation = "There is more to look at than is followed, so that nothing can be said.";
            }

            return new CheckResult(tally.Check, status, tally.For, tally.Against, explanation)
            {
                ForSamples = [.. tally.ForSamples.Select(sample => sample.Index)],
                AgainstSamples = [.. tally.AgainstSamples.Select(sample => sample.Index)],
                ForRanges = tally.ForRanges.All,
                AgainstRanges = tally.AgainstRanges.All,
            };
        }

        private static bool UsesFindings(ControlCheck check) =>
            new[] { check.Among, check.Good, check.Bad }.Any(query => query is not null && query.Tests.Any(test => test.Field == FieldTest.FindingField));

        private CheckResult Judge(ControlCheck check)
        {
            switch (check.Fact)
            {
                case LogFact.Verified:
                    return _size == _first
                        ? new CheckResult(check, CheckStatus.NotAssessed, 0, 0, "There are no records.")
                        : new CheckResult(check, CheckStatus.Passed, _size - _first, 0, string.Create(CultureInfo.InvariantCulture, $"{_size - _first:N0} records were hashed again and are those of the checkpoint."));
                case LogFact.Witnessed:
                    return _owner._trust.RequiresWitnesses && _size > 0
                        ? new CheckResult(check, CheckStatus.Passed, _size - _first, 0, "Enough witnesses of the reader's trust policy cosigned the checkpoint.")
                        : new CheckResult(check, CheckStatus.NotAssessed, 0, 0, "The reader's trust policy asks for no witness.");
                default:
                    double days = _earliest is { } first && _latest is { } last ? (last - first).TotalDays : 0;
                    return days >= check.Days
                        ? new CheckResult(check, CheckStatus.Passed, _size - _first, 0, string.Create(CultureInfo.InvariantCulture, $"The records span {days:N0} days."))
                        : new CheckResult(check, CheckStatus.NotAssessed, 0, 0, string.Create(CultureInfo.InvariantCulture, $"The records span {Math.Floor(days):N0} days; {check.Days} are asked for, and a younger log cannot show them."));
            }
        }

        /// <summary>What is open first, by its weight; then controls that failed and were not named yet.</summary>
        private static List<string> Recommend(IEnumerable<FrameworkResult> frameworks, IEnumerable<ReportedViolation> violations)
        {
            var named = new HashSet<string>(StringComparer.Ordinal);
            var all = new List<string>();
            foreach (ReportedViolation violation in violations.Where(violation => !violation.Remediated))
            {
                if (named.Add(violation.ControlId))
                {
                    all.Add($"Remediate {violation.ControlId}: {violation.Description}");
                }
            }

            foreach (ControlResult control in frameworks.SelectMany(framework => framework.Controls).Where(control => control.Status is ControlStatus.Failed or ControlStatus.Partial).OrderByDescending(control => control.Status))
            {
                if (named.Add(control.Control.ControlId))
                {
                    CheckResult? worst = control.Checks.FirstOrDefault(check => check.Status == CheckStatus.Failed) ?? control.Checks.FirstOrDefault(check => check is { Status: CheckStatus.NotAssessed, Check.Required: true });
                    all.Add($"Remediate {control.Control.ControlId}: {control.Control.Remedy ?? worst?.Check.Text ?? control.Control.Name}");
                }
            }

            return [.. all.Take(MaxRecommendations)];
        }

        private List<EvidenceRecord> Evidence(Checkpoint checkpoint, IEnumerable<ReportedViolation> violations)
        {
            var samples = new SortedDictionary<long, CheckTally.Sample>();
            foreach (CheckTally.Sample sample in _tallies.SelectMany(tally => tally.ForSamples.Concat(tally.AgainstSamples)))
            {
                samples[sample.Index] = sample;
            }

            foreach (ReportedViolation violation in violations)
            {
                if (!samples.ContainsKey(violation.Index))
                {
                    byte[] leaf = _owner._store.ReadLeaves(violation.Index, 1).Single().ToArray();
                    samples[violation.Index] = new CheckTally.Sample(violation.Index, MerkleTree.HashLeaf(leaf), leaf);
                }
            }

            var tiles = new TileTree(_owner._store, keptTiles: 64);
            var evidence = new List<EvidenceRecord>(samples.Count);
            foreach (CheckTally.Sample sample in samples.Values)
            {
                LogHash[] path = tiles.Inclusion(sample.Index, checkpoint.Size);
                if (!Proof.Verify(sample.Hash, sample.Index, checkpoint.Size, path, checkpoint.Root))
                {
                    throw new LogNotVerifiedException($"The hashes kept beside the records do not prove record {sample.Index}: they were changed.", null);
                }

                evidence.Add(new EvidenceRecord(sample.Index, sample.Hash, path, _owner.IncludeRecords ? sample.Leaf : ReadOnlyMemory<byte>.Empty));
            }

            return evidence;
        }
    }
}
