namespace Agt.Audit.Witnessing;

/// <summary>What a witness says to a request.</summary>
/// <param name="Status">The HTTP status: 200, 400, 403, 404, 409 or 422.</param>
/// <param name="ContentType">The type of the body.</param>
/// <param name="Body">The cosignature, the size that the witness knows, or what is wrong.</param>
public sealed record WitnessAnswer(int Status, string ContentType, string Body);
