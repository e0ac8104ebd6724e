namespace Agt;

/// <summary>The eight points of the Agent Control Specification at which an action is decided on.</summary>
public enum InterventionPoint : byte
{
    /// <summary>An agent or session starts.</summary>
    AgentStartup,

    /// <summary>Input from a user or another agent arrives.</summary>
    Input,

    /// <summary>A model is about to be called.</summary>
    PreModelCall,

    /// <summary>A model has answered.</summary>
    PostModelCall,

    /// <summary>A tool is about to run.</summary>
    PreToolCall,

    /// <summary>A tool has returned.</summary>
    PostToolCall,

    /// <summary>Output is about to leave the agent.</summary>
    Output,

    /// <summary>An agent or session ends.</summary>
    AgentShutdown,
}
