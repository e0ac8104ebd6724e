namespace Agt.Policy.Advice;

/// <summary>What an <see cref="IAdvisoryCheck"/> says.</summary>
public enum AdviceKind
{
    /// <summary>It should not happen. What is left unsaid is this too.</summary>
    Deny,

    /// <summary>A person should look at it.</summary>
    Escalate,

    /// <summary>Nothing against it. It stays what the rules say.</summary>
    Agree,
}
