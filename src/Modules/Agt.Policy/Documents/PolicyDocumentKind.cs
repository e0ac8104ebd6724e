namespace Agt.Policy;

/// <summary>The form a policy document is written in (spec 01, POL-001).</summary>
public enum PolicyDocumentKind : byte
{
    /// <summary><c>apiVersion: governance.toolkit/v1</c>.</summary>
    GovernanceToolkit,

    /// <summary>The form of Agent OS: no <c>apiVersion</c>; <c>defaults</c> and <c>rules</c>.</summary>
    AgentOs,
}
