namespace Agt.Policy.Advice;

/// <summary>The answer of an <see cref="IAdvisoryCheck"/>. There is no answer that allows, or changes an argument.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Reason">Why; restricted, for records and the person who is asked.</param>
public readonly record struct AdvisoryOpinion(AdviceKind Kind, string? Reason = null);
