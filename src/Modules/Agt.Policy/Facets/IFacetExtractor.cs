using Agt.Values;

namespace Agt.Policy.Facets;

/// <summary>
/// Finds facts in the arguments of an action that a rule could not read off the text itself, such as the verb of an SQL statement (POL-249, POL-250). Thread-safe.
/// </summary>
/// <remarks>What it throws denies the action (POL-251).</remarks>
public interface IFacetExtractor
{
    /// <summary>The first name of its facts, such as <c>sql</c>. While an extractor of that name is registered, no argument can take the name's place.</summary>
    string Root { get; }

    /// <summary>Whether there is something to read. Of several extractors of one name, the first that says so is asked, and if none does, the first of all: it then writes what stands for nothing.</summary>
    /// <param name="about">Which tool, who, where.</param>
    /// <param name="payload">The arguments as they stand now.</param>
    bool Applies(ActionTemplate about, GovernedValue payload);

    /// <summary>Reads the facts.</summary>
    /// <param name="about">Which tool, who, where.</param>
    /// <param name="payload">The arguments as they stand now.</param>
    /// <param name="facts">Receives the members of the facts: names and values between the beginning and the end of a map that the caller writes.</param>
    void Extract(ActionTemplate about, GovernedValue payload, ValueArena facts);
}
