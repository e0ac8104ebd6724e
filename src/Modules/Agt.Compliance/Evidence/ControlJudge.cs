using System.Globalization;
using Agt.Compliance.Packs;
using Agt.Compliance.Reports;

namespace Agt.Compliance.Evidence;

/// <summary>The rules by which counts become a status. Pure; the same for who makes a report and for who checks one.</summary>
internal static class ControlJudge
{
    /// <summary>What a check comes to by its counts.</summary>
    internal static CheckStatus Of(long supporting, long against, long atLeast, long tolerancePercent)
    {
        long all = supporting + against;
        if (all < Math.Max(1, atLeast))
        {
            return CheckStatus.NotAssessed;
        }

        return (Int128)against * 100 <= (Int128)all * tolerancePercent ? CheckStatus.Passed : CheckStatus.Failed;
    }

    /// <summary>What a control comes to by its checks.</summary>
    internal static ControlStatus Of(IReadOnlyCollection<(CheckStatus Status, bool Required, bool Critical)> checks, long openViolations)
    {
        if (openViolations > 0)
        {
            return ControlStatus.Failed;
        }

        int passed = checks.Count(check => check.Status == CheckStatus.Passed);
        int failed = checks.Count(check => check.Status == CheckStatus.Failed);
        if (passed + failed == 0)
        {
            return ControlStatus.NotAssessed;
        }

        if (checks.Any(check => check is { Status: CheckStatus.Failed, Critical: true }) || passed == 0)
        {
            return ControlStatus.Failed;
        }

        return failed > 0 || checks.Any(check => check is { Required: true, Status: CheckStatus.NotAssessed }) ? ControlStatus.Partial : ControlStatus.Met;
    }

    internal static string Explain(ControlCheck check, CheckStatus status, long supporting, long against)
    {
        long all = supporting + against;
        return status switch
        {
            CheckStatus.NotAssessed when all == 0 => "No such records in the period.",
            CheckStatus.NotAssessed => string.Create(CultureInfo.InvariantCulture, $"{all:N0} records, fewer than the {check.AtLeast:N0} that are needed to say anything."),
            CheckStatus.Passed when against == 0 => string.Create(CultureInfo.InvariantCulture, $"{supporting:N0} of {all:N0} records."),
            CheckStatus.Passed => string.Create(CultureInfo.InvariantCulture, $"{supporting:N0} of {all:N0} records; {against:N0} against it are within the {check.TolerancePercent} % that are allowed."),
            _ => string.Create(CultureInfo.InvariantCulture, $"{against:N0} of {all:N0} records speak against it."),
        };
    }
}
