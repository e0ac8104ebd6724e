namespace Agt.Conformance;

/// <summary>A turn of the model.</summary>
/// <param name="Prompt">What the user says.</param>
public sealed record TurnDrive(string Prompt);
