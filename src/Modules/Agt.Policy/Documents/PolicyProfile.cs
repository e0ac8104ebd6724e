namespace Agt.Policy;

/// <summary>Whose rules of evaluation hold where the original toolkit and this one differ (spec 01 section 2).</summary>
public enum PolicyProfile : byte
{
    /// <summary>The default: denials override, unknown keys and scopes are refused, whatever fails denies.</summary>
    Strict,

    /// <summary>The documented behaviour of the original Agent OS engine: the first match by priority decides, and what matches no rule takes the default of the document.</summary>
    AgentOs10,
}
