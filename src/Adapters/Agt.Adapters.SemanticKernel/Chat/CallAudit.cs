using Agt.Adapters.SemanticKernel.Functions;
using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Chat;

/// <summary>
/// Calls that a model asks for and that never come to a filter: of functions that the kernel does not have or did not offer, or with arguments that are no JSON. The connector answers
/// them with an error; here each gets its decision, and so its place in the log (ADP-210).
/// </summary>
internal static class CallAudit
{
    /// <summary>Records them.</summary>
    /// <param name="governor">Decides.</param>
    /// <param name="session">Whose turn it was.</param>
    /// <param name="turn">What the filters saw of it.</param>
    /// <param name="kernel">Where functions are looked up; null if the request had none.</param>
    /// <param name="added">The messages that the turn brought, in order.</param>
    /// <param name="reply">The calls that the last reply leaves to the caller.</param>
    internal static async ValueTask RecordAsync(
        SemanticKernelGovernor governor, GovernanceSession session, ModelTurn turn, Kernel? kernel, IReadOnlyList<ChatMessageContent> added, IReadOnlyList<FunctionCallContent> reply)
    {
        HashSet<string?> answered = [.. added.SelectMany(message => message.Items).OfType<FunctionResultContent>().Select(result => result.CallId)];
        var known = new HashSet<(string?, string)>();
        foreach (FunctionCallContent call in added.SelectMany(message => message.Items).OfType<FunctionCallContent>())
        {
            known.Add((call.Id, IdOf(call)));
            if (answered.Contains(call.Id) ? !turn.TryTakeSeen(call.Id, IdOf(call)) : CannotRun(call, kernel))
            {
                await RefuseAsync(governor, session, call).ConfigureAwait(false);
            }
        }

        foreach (FunctionCallContent call in reply)
        {
            // What the caller is to run comes to the function filter, if it can be run at all. A stream repeats the calls of all rounds.
            if (!known.Contains((call.Id, IdOf(call))) && !answered.Contains(call.Id) && CannotRun(call, kernel))
            {
                await RefuseAsync(governor, session, call).ConfigureAwait(false);
            }
        }
    }

    private static bool CannotRun(FunctionCallContent call, Kernel? kernel) => call.Exception is not null || (kernel is not null && !IsKnown(call, kernel));

    /// <summary>A loop over a chat client knows a function under one name of its plugin's and its own, without a plugin.</summary>
    private static bool IsKnown(FunctionCallContent call, Kernel kernel) =>
        kernel.Plugins.TryGetFunction(call.PluginName, call.FunctionName, out _) ||
        kernel.Plugins.Any(plugin => plugin.Any(function => ModelTurn.Spelling(FunctionPlan.IdOf(function)) == ModelTurn.Spelling(IdOf(call))));

    private static string IdOf(FunctionCallContent call) => call.PluginName is { Length: > 0 } plugin ? plugin + "." + call.FunctionName : call.FunctionName;

    private static async ValueTask RefuseAsync(SemanticKernelGovernor governor, GovernanceSession session, FunctionCallContent call)
    {
        ToolIdentity tool;
        try
        {
            tool = new ToolIdentity(IdOf(call), call.PluginName);
        }
        catch (ArgumentException)
        {
            // The name is the model's own and may be anything.
            tool = new ToolIdentity("unnamed");
        }

        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", session.Principal, tool, SemanticKernelGovernor.Framework);
        await governor.RefuseAsync(template, session, call.Id, call.Exception is null ? ReasonCodes.ToolNotAllowed : ReasonCodes.RequestInvalid).ConfigureAwait(false);
    }
}
