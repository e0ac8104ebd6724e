namespace Agt;

/// <summary>The fixed order of the chain. Approval and audit are no stages: the chain does them itself, so that no interceptor can come after them or skip them.</summary>
public enum InterceptorStage : byte
{
    /// <summary>Kill switch and quarantine.</summary>
    Containment = 10,

    /// <summary>Who acts (mesh).</summary>
    Identity = 20,

    /// <summary>Rules.</summary>
    Policy = 30,

    /// <summary>Execution rings and privilege.</summary>
    Privilege = 40,

    /// <summary>Circuit breakers, cost, error budgets.</summary>
    Reliability = 50,

    /// <summary>Content: denylists, scanners, MCP checks. Host interceptors usually belong here.</summary>
    Content = 60,
}
