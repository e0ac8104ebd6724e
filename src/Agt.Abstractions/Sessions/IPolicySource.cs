namespace Agt;

/// <summary>Where sessions get their policy from. <see cref="Current"/> changes by one atomic swap. Thread-safe.</summary>
public interface IPolicySource
{
    /// <summary>The set in force.</summary>
    IPolicySnapshot Current { get; }
}
