namespace Agt.Compliance.Transparency;

/// <summary>How much people must have been told before an agent may use tools (EU AI Act, article 50). Each level asks for what the one before asks for, too.</summary>
public enum DisclosureLevel
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>That they deal with an AI system.</summary>
    Basic,

    /// <summary>And that what it makes is made by one.</summary>
    Enhanced,

    /// <summary>And they have said that they understood.</summary>
    Full,
}
