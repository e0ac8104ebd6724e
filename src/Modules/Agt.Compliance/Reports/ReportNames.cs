using System.Globalization;
using Agt.Compliance.Packs;

namespace Agt.Compliance.Reports;

/// <summary>How values are written in reports.</summary>
internal static class ReportNames
{
    internal static string Of(ControlStatus status) => status switch { ControlStatus.Met => "met", ControlStatus.Partial => "partial", ControlStatus.Failed => "failed", _ => "not_assessed" };

    internal static string Of(CheckStatus status) => status switch { CheckStatus.Passed => "passed", CheckStatus.Failed => "failed", _ => "not_assessed" };

    internal static string Of(LogFact fact) => fact switch { LogFact.Verified => "verified", LogFact.Witnessed => "witnessed", _ => "covers_days" };

    internal static string Shown(ControlStatus status) => Of(status).Replace('_', ' ');

    internal static string Shown(CheckStatus status) => Of(status).Replace('_', ' ');

    internal static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    internal static string Of(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
