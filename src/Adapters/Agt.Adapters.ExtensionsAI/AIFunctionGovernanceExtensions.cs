using Agt;
using Agt.Adapters.ExtensionsAI;
using Agt.Adapters.ExtensionsAI.Functions;
using Agt.Values;

namespace Microsoft.Extensions.AI;

/// <summary>Governs functions.</summary>
public static class AIFunctionGovernanceExtensions
{
    /// <summary>
    /// The function, governed: every call is decided on first, runs from arguments frozen at entry, and its result is decided on too. A denial is the result of the call, with
    /// the public text only. A function that is governed already comes back as it is.
    /// </summary>
    /// <remarks>As thread-safe as the function. A tool name that can deceive (control, zero-width, bidirectional characters) makes every call a denial.</remarks>
    /// <param name="function">The function.</param>
    /// <param name="governance">Decides.</param>
    /// <param name="configure">Sets who acts, and whether a denial stops the loop of the function-invoking client.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static AIFunction WithGovernance(this AIFunction function, IGovernance governance, Action<ExtensionsAIGovernanceOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(governance);
        var options = ExtensionsAIGovernanceOptions.Create(configure);
        return function is GovernedAIFunction
            ? function
            : new GovernedAIFunction(function, governance, options.ToPrincipal(), options);
    }

    /// <summary>
    /// The digest of what a function is: name, description, schemas and method (spec 08, ADP-080). Register it with <c>AddToolHashes</c>, and the function no longer runs once any of that has changed.
    /// </summary>
    /// <remarks>What an object remembers is not part of it; of a function without a method its type stands for what runs.</remarks>
    /// <param name="function">The function, governed or not.</param>
    /// <returns>The digest; empty if the function's schema is too large to be read.</returns>
    public static Digest GetContentHash(this AIFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return function is GovernedAIFunction governed ? governed.ContentHash : FunctionContent.HashOf(function);
    }
}
