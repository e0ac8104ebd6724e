namespace Agt.Policy.Folders;

/// <summary>The verdicts on paths for which there is no chain of policies.</summary>
internal static class FolderReasons
{
    /// <summary>The path leads out of the tree (POL-113).</summary>
    internal static Verdict OutsideRoot { get; } = Verdict.Deny(
        new ReasonCode("policy:path_outside_root", DenialCategory.RuleDenied, "Denied by governance policy."), "The path of the action leads out of the root directory of the policies.");

    /// <summary>The path is malformed, or can be read in two ways.</summary>
    internal static Verdict Refused { get; } = Verdict.Deny(
        new ReasonCode("policy:path_refused", DenialCategory.RequestInvalid, "The path of the action is malformed or ambiguous."), "The path of the action is no text, no path, or one that two programs may take for two files.");

    /// <summary>The action has several paths, for which different policies hold.</summary>
    internal static Verdict Several { get; } = Verdict.Deny(
        new ReasonCode("policy:path_refused", DenialCategory.RequestInvalid, "The path of the action is malformed or ambiguous."), "The action names several paths, and different policies hold for them.");

    /// <summary>The path is that of a policy, which an agent could make to its own liking.</summary>
    internal static Verdict PolicyFile { get; } = Verdict.Deny(
        new ReasonCode("policy:path_protected", DenialCategory.RuleDenied, "Denied by governance policy."), "The path of the action is that of a policy file.");

    /// <summary>A file of the chain was refused (POL-120).</summary>
    internal static Verdict Broken(string explanation) => Verdict.Deny(ReasonCodes.PolicyEvaluationError, explanation);
}
