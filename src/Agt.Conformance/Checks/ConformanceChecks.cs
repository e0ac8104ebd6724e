using System.Globalization;
using Agt.Adapters;

namespace Agt.Conformance;

/// <summary>The table of all checks, one row an id of spec 08, section 8.</summary>
internal static class ConformanceChecks
{
    private const string Policy = "it belongs to the policy module, whose own tests prove it for every adapter";

    internal static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        Any(1, "descriptor valid", DescriptorChecks.IsValid),
        Any(2, "allowed tool runs once, arguments and result unchanged", CallChecks.AllowedRunsOnceUntouched),
        Any(3, "denied tool never runs", CallChecks.DeniedNeverRuns, AdapterCapabilities.BlockTool),
        Any(4, "denial shows public message and decision id", CallChecks.DenialIsPublic, AdapterCapabilities.BlockTool),
        Any(5, "nothing internal leaks", CallChecks.NothingLeaks, AdapterCapabilities.BlockTool),
        Any(6, "one denial beats any number of allows", CallChecks.DenialBeatsAllows, AdapterCapabilities.BlockTool),
        Model(7, "every spelling of a denied tool is denied", ModelChecks.EverySpellingIsDenied, AdapterCapabilities.BlockTool),
        Any(8, "nested values and keys are visible to interceptors", CallChecks.EverythingIsVisible),
        Any(9, "a withheld result never reaches the caller, and is recorded as executed", CallChecks.WithheldResult, AdapterCapabilities.RewriteResult),
        Any(10, "argument rewrite reaches the tool, removed arguments are gone", TransformChecks.ArgumentsAreReplaced, AdapterCapabilities.RewriteArguments),
        Any(11, "result rewrite reaches the caller", TransformChecks.ResultIsReplaced, AdapterCapabilities.RewriteResult),
        Any(12, "two transforms compose", TransformChecks.TransformsCompose, AdapterCapabilities.RewriteArguments),
        Any(13, "a transform after policy is judged again", TransformChecks.LateTransformIsJudgedAgain, AdapterCapabilities.RewriteArguments),
        Any(14, "a transform that does not fit denies", TransformChecks.ImpossibleTransformDenies, AdapterCapabilities.BlockTool),
        Any(15, "a throwing, hanging or odd interceptor denies", CallChecks.BrokenInterceptorDenies, AdapterCapabilities.BlockTool),
        Any(16, "order, reverse order, short circuit", CallChecks.OrderHolds, AdapterCapabilities.BlockTool),
        Model(17, "one evaluation although hooks overlap", ModelChecks.OneEvaluationACall),
        Any(18, "a nested call is a child", CallChecks.NestedCallIsAChild),
        Any(19, "evaluate-only changes nothing and is recorded as not enforced", CallChecks.EvaluateOnlyChangesNothing),
        Model(20, "denied input reaches no model", ModelChecks.DeniedInputReachesNoModel, AdapterCapabilities.BlockModel),
        Model(21, "model input rewrite reaches the model", ModelChecks.InputIsReplaced, AdapterCapabilities.BlockModel),
        Model(22, "model output is rewritten or denied before the caller sees it", ModelChecks.OutputIsGoverned, AdapterCapabilities.BlockModel),
        Model(23, "texts, calls and results are visible in requests", ModelChecks.PartsAreVisible),
        Any(24, "start-up denial; shutdown once", SessionChecks.StartAndShutdown, AdapterCapabilities.BlockTool),
        Any(25, "kill reaches a running session", SessionChecks.KillReachesTheSession, AdapterCapabilities.BlockTool),
        Any(26, "two sessions of one agent share nothing", SessionChecks.SessionsAreApart, AdapterCapabilities.BlockTool),
        Any(27, "limit n: n+1 denied, denials free, failures count", SessionChecks.LimitCountsWhatRan, AdapterCapabilities.BlockTool),
        Any(28, "a session whose time is over is denied", SessionChecks.TimeIsOver, AdapterCapabilities.BlockTool),
        Model(29, "reported tokens add up and bound the session", SessionChecks.TokensAddUp, AdapterCapabilities.BlockModel),
        Any(30, "32 parallel calls, limit 8: 8 run", ParallelChecks.LimitHolds, AdapterCapabilities.ParallelCalls | AdapterCapabilities.BlockTool),
        Model(31, "batch: one denied, the others run, each id answered once", ParallelChecks.BatchIsAnswered, AdapterCapabilities.BlockTool),
        Any(32, "parallel sessions do not mix", ParallelChecks.SessionsDoNotMix, AdapterCapabilities.ParallelCalls),
        Any(33, "what was reserved is given back after exceptions", ParallelChecks.NothingStaysReserved, AdapterCapabilities.ParallelCalls),
        Any(34, "cancellation before and during", ParallelChecks.CancellationPasses, AdapterCapabilities.Cancel),
        Any(35, "stop and continue hold calls back; others untouched", ParallelChecks.StopHoldsBack, AdapterCapabilities.ParallelCalls),
        Model(36, "terminate on deny: no further model call", ModelChecks.TerminationStops, AdapterCapabilities.Terminate | AdapterCapabilities.BlockTool),
        Any(37, "escalated: approved runs once; rejected and unanswered never", ApprovalChecks.ApprovedOnceRejectedNever, AdapterCapabilities.InlineApproval | AdapterCapabilities.BlockTool),
        Any(38, "forged, foreign, replayed and own approvals never count", ApprovalChecks.TamperedNeverCounts, AdapterCapabilities.InlineApproval | AdapterCapabilities.BlockTool),
        Any(39, "denied after the approval: never runs", ApprovalChecks.DeniedAfterApproval, AdapterCapabilities.InlineApproval | AdapterCapabilities.BlockTool),
        Any(40, "denial beats escalation; nobody is asked", ApprovalChecks.DenialAsksNobody, AdapterCapabilities.BlockTool),
        Model(41, "an allowed stream is identical, and nothing is out before it is decided", StreamChecks.AllowedStreamIsIdentical, AdapterCapabilities.Stream),
        Model(42, "nothing of a denied stream comes out; upstream disposed", StreamChecks.DeniedStreamIsSilent, AdapterCapabilities.Stream),
        Model(43, "overflow and upstream errors release nothing", StreamChecks.BrokenStreamIsSilent, AdapterCapabilities.Stream),
        Model(44, "calls in streams are governed", StreamChecks.StreamedCallsAreGoverned, AdapterCapabilities.Stream | AdapterCapabilities.BlockTool),
        Any(45, "the adapter computes a content hash", DescriptorChecks.ToolsHaveHashes),
        Any(46, "a failing listener changes nothing; events come in order", DescriptorChecks.ListenersAreIsolated),
        Any(47, "audit copy, statistics, health", DescriptorChecks.MonitorSees),
        Any(48, "no content in logs and traces", DescriptorChecks.NoContentInTelemetry),
        Any(49, "wrap and unwrap", WrapChecks.WrapsOnce),
        Any(50, "lookups reach nothing ungoverned", WrapChecks.NothingReachable),
        Any(51, "known ways around are refused, recorded, or the host's to close", WrapChecks.BypassesAreHandled),
        Off(52, "removal of hooks detected", "the suite cannot remove the hooks of a framework it does not know; the ways around (ADP-C51) cover it where the descriptor lists it"),
        Any(53, "the exception of a tool keeps its type", CallChecks.ExceptionKeepsItsType),
        Off(54, "no identity, no action", "identities that are proven come with the mesh module"),
        Any(55, "arguments beyond the bounds are denied", CallChecks.OversizedArgumentsDenied, AdapterCapabilities.BlockTool),
        Any(56, "10,000 calls: no growth", CallChecks.NoGrowth),
        Any(57, "the adapter knows one framework and no module", DescriptorChecks.KnowsOnlyItsFramework),
        Model(58, "no model call and no evaluation more than needed", ModelChecks.NoExtraWork),
        Off(59, "drift and checkpoint events", Policy),
        Off(60, "handoff and memory tool ids", "no adapter declares handoffs or memory yet"),
    ];

    private static ConformanceCheck Any(int number, string title, Func<CheckContext, Task> run, AdapterCapabilities needs = 0) => new(Id(number), title, needs, needsModel: false, run);

    private static ConformanceCheck Model(int number, string title, Func<CheckContext, Task> run, AdapterCapabilities needs = 0) => new(Id(number), title, needs, needsModel: true, run);

    private static ConformanceCheck Off(int number, string title, string why) => new(Id(number), title, 0, needsModel: false, null, why);

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"ADP-C{number:00}");
}
