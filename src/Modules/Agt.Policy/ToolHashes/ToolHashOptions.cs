using Agt.Values;

namespace Agt.Policy.ToolHashes;

/// <summary>The tools as they were when somebody looked at them (spec 01, POL-183). Not thread-safe; settled before the first action.</summary>
public sealed class ToolHashOptions
{
    internal Dictionary<string, Digest> Known { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether a tool that is not registered is denied; false only warns. One without a hash, or with another one than is registered, is denied in any case (ADP-081, ADP-082). Default true.</summary>
    public bool IsStrict { get; set; } = true;

    /// <summary>Registers a tool.</summary>
    /// <param name="tool">Its name.</param>
    /// <param name="contentHash">The SHA-256 that its <see cref="ToolIdentity.ContentHash"/> must be.</param>
    /// <exception cref="ArgumentException">The hash is empty, or the tool is registered with another one.</exception>
    public ToolHashOptions Register(string tool, Digest contentHash)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(tool);
        if (contentHash == default)
        {
            throw new ArgumentException($"The hash of '{tool}' is empty.", nameof(contentHash));
        }

        if (!Known.TryAdd(tool, contentHash) && Known[tool] != contentHash)
        {
            throw new ArgumentException($"'{tool}' is registered with another hash.", nameof(tool));
        }

        return this;
    }
}
