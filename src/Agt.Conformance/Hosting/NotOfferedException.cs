namespace Agt.Conformance;

/// <summary>The fixture does not offer what a check needs.</summary>
internal sealed class NotOfferedException(string message) : Exception(message);
