namespace Agt.Compliance.Transparency;

/// <summary>What people were told.</summary>
[Flags]
public enum Disclosures
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>That they deal with an AI system (article 50(1)).</summary>
    AiInteraction = 1,

    /// <summary>That content is generated or altered by an AI system (article 50(2) and (4)).</summary>
    GeneratedContent = 2,

    /// <summary>They said that they understood.</summary>
    Acknowledged = 4,

    /// <summary>That emotions are recognised, or people put into categories by biometric features (article 50(3)). Never part of a level: asked for by the tools that do it.</summary>
    EmotionRecognition = 8,
}
