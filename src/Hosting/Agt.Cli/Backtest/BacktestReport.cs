namespace Agt.Cli.Backtest;

/// <summary>Counts what would change. Deterministic: the same records and policies give the same report.</summary>
internal sealed class BacktestReport
{
    private const int MostGroups = 100_000;
    private readonly long[] _changes = new long[Enum.GetValues<Change>().Length];
    private readonly long[] _notReplayed = new long[Enum.GetValues<NotReplayed>().Length];
    private readonly Dictionary<(Change Change, string Agent, string What, string Before, string After), (long Count, long First)> _groups = [];

    /// <summary>How many records were looked at.</summary>
    internal long Records { get; private set; }

    /// <summary>How many were decided on again.</summary>
    internal long Replayed { get; private set; }

    /// <summary>Denials that no policy gave then: budgets, signals, approvals that were refused, the log itself. They are compared too, and are counted here.</summary>
    internal long DeniedByOthers { get; private set; }

    /// <summary>What changed by kind, agent, tool and rules, most frequent first.</summary>
    internal IEnumerable<(Change Change, string Agent, string What, string Before, string After, long Count, long First)> Groups => _groups
        .Select(group => (group.Key.Change, group.Key.Agent, group.Key.What, group.Key.Before, group.Key.After, group.Value.Count, group.Value.First))
        .OrderBy(group => group.Change).ThenByDescending(group => group.Count).ThenBy(group => group.First);

    internal long Of(Change change) => _changes[(int)change];

    internal long Of(NotReplayed reason) => _notReplayed[(int)reason];

    internal void Skip(NotReplayed reason)
    {
        Records++;
        _notReplayed[(int)reason]++;
    }

    internal void Add(long index, RecordedAction then, Verdict now)
    {
        Records++;
        Replayed++;
        if (!then.WasAllowed && then.Rule is null && then.ReasonCode != ReasonCodes.DefaultDeny.Code)
        {
            DeniedByOthers++;
        }

        Change change = Compare(then, now);
        _changes[(int)change]++;
        if (change == Change.Same)
        {
            return;
        }

        string before = then.Rule ?? then.ReasonCode;
        string after = now.Detail?.Rule ?? now.Detail?.Reason.Code ?? "no rule";
        var key = (change, then.Agent, then.What, before, after);
        if (_groups.TryGetValue(key, out (long Count, long First) group))
        {
            _groups[key] = (group.Count + 1, group.First);
        }
        else if (_groups.Count < MostGroups)
        {
            _groups[key] = (1, index);
        }
    }

    private static Change Compare(RecordedAction then, Verdict now)
    {
        bool asked = then.Approver is not null;
        return now.Outcome switch
        {
            VerdictOutcome.Deny => then.WasAllowed ? Change.NewlyDenied : Change.Same,
            VerdictOutcome.Escalate => asked ? Change.Same : Change.NewlyAsked,
            _ => asked ? Change.NoLongerAsked : then.WasAllowed ? Change.Same : Change.NewlyAllowed,
        };
    }
}
