using Agt.Values;

namespace Agt.Adapters.ExtensionsAI;

/// <summary>Tool identities out of names that models and servers choose.</summary>
internal static class ToolNames
{
    /// <summary>The identity of a name. One that can deceive, or cannot be compared, is replaced, and <paramref name="refusal"/> says so: calls by it are denied.</summary>
    internal static ToolIdentity Identify(string name, out ReasonCode? refusal, Digest contentHash = default, AdapterOptions? options = null)
    {
        try
        {
            refusal = null;
            ToolDeclaration? declared = options?.DeclarationOf(name);
            return new ToolIdentity(name, null, contentHash, declared?.Effects ?? ToolEffects.None, declared?.IdempotencyArgument);
        }
        catch (ArgumentException)
        {
            refusal = ReasonCodes.RequestInvalid;
            return new ToolIdentity("invalid-name");
        }
    }
}
