namespace Agt.Adapters.ExtensionsAI;

/// <summary>What happens with tools that the provider runs itself: web search, code interpreter, file search, remote MCP servers. No hook reaches them while they run (spec 08, ADP-227).</summary>
public enum HostedTools
{
    /// <summary>A model call that offers one is denied with <see cref="ReasonCodes.ToolNotAllowed"/>. The default.</summary>
    Deny,

    /// <summary>
    /// A model call that offers one needs a rule that allows it at <c>pre_model_call</c>: that nobody objects, or a default, is not enough. Rules see such a tool in <c>tools</c> as a map with its
    /// <c>type</c>, and a transform can take it away.
    /// </summary>
    AllowByPolicy,
}
