using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Functions;

/// <summary>Governs the functions of one client, and remembers the wrapper of each as long as the function lives. Thread-safe.</summary>
internal sealed class ToolGovernor(IGovernance governance, Principal principal, AdapterOptions options)
{
    private readonly ConditionalWeakTable<AIFunction, AIFunction> _governed = [];

    internal AIFunction Govern(AIFunction function) => IsGoverned(function)
        ? function
        : _governed.GetValue(function, inner => new GovernedAIFunction(inner, governance, principal, options));

    /// <summary>The options with governed functions: a copy, unless there is nothing to govern.</summary>
    internal ChatOptions? Govern(ChatOptions? request)
    {
        if (request?.Tools is not { } tools || !NeedsGovernance(tools))
        {
            return request;
        }

        ChatOptions governed = request.Clone();
        governed.Tools = Govern(tools);
        return governed;
    }

    /// <summary>Governs what a client of the host's own calls beside the tools of the request.</summary>
    internal void GovernAdditionalTools(FunctionInvokingChatClient client)
    {
        if (client.AdditionalTools is { } tools && NeedsGovernance(tools))
        {
            client.AdditionalTools = Govern(tools);
        }
    }

    /// <summary>What merely has a governed function somewhere below it may do anything before it gets there.</summary>
    private static bool IsGoverned(AITool tool) => tool is not AIFunction or GovernedAIFunction;

    private static bool NeedsGovernance(IList<AITool> tools)
    {
        for (int i = 0; i < tools.Count; i++)
        {
            if (!IsGoverned(tools[i]))
            {
                return true;
            }
        }

        return false;
    }

    private List<AITool> Govern(IList<AITool> tools) => [.. tools.Select(tool => tool is AIFunction function ? Govern(function) : tool)];
}
