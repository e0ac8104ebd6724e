namespace Agt;

/// <summary>Facts about <see cref="InterventionPoint"/>.</summary>
public static class InterventionPoints
{
    private static readonly string[] Names =
        ["agent_startup", "input", "pre_model_call", "post_model_call", "pre_tool_call", "post_tool_call", "output", "agent_shutdown"];

    /// <summary>The name on the wire, for example <c>pre_tool_call</c>.</summary>
    public static string WireName(this InterventionPoint point) => Names[(int)point];

    /// <summary>The point at which the result of an action begun here is decided on: <c>pre_tool_call</c> gives <c>post_tool_call</c>, and so on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No action begins at that point.</exception>
    public static InterventionPoint ResultPoint(this InterventionPoint point) => point switch
    {
        InterventionPoint.AgentStartup => InterventionPoint.AgentShutdown,
        InterventionPoint.Input => InterventionPoint.Output,
        InterventionPoint.PreModelCall => InterventionPoint.PostModelCall,
        InterventionPoint.PreToolCall => InterventionPoint.PostToolCall,
        _ => throw new ArgumentOutOfRangeException(nameof(point), point, "An action begins at agent_startup, input, pre_model_call or pre_tool_call."),
    };

    /// <summary>Whether an action can begin at the point.</summary>
    public static bool BeginsAction(this InterventionPoint point) =>
        point is InterventionPoint.AgentStartup or InterventionPoint.Input or InterventionPoint.PreModelCall or InterventionPoint.PreToolCall;
}
