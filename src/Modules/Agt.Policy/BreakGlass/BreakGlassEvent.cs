namespace Agt.Policy.BreakGlass;

/// <summary>What happened to a grant.</summary>
public enum BreakGlassEvent : byte
{
    /// <summary>It was put in force.</summary>
    Activated,

    /// <summary>It changed a decision.</summary>
    Used,

    /// <summary>Its time was over; noticed at the next action it would have been for, or any other while it is listed.</summary>
    Expired,

    /// <summary>Somebody ended it.</summary>
    Revoked,
}
