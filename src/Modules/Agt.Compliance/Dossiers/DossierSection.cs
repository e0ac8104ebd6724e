namespace Agt.Compliance.Dossiers;

/// <summary>One of the nine sections. Immutable.</summary>
/// <param name="Number">Its number in Annex IV.</param>
/// <param name="Title">Its title.</param>
/// <param name="Paragraphs">What is known, in words.</param>
/// <param name="Artefacts">What it was taken from, by name.</param>
/// <param name="Gaps">What only the provider can say and has not said; the section then asks the provider to act.</param>
public sealed record DossierSection(string Number, string Title, IReadOnlyList<string> Paragraphs, IReadOnlyList<string> Artefacts, IReadOnlyList<string> Gaps)
{
    /// <summary>Whether the provider has to add something.</summary>
    public bool ProviderActionRequired => Gaps.Count > 0;
}
