namespace Agt.Policy.Folders;

/// <summary>The policies that hold for the files of a folder, compiled when first asked for and shared from then on; or the verdict that takes their place. Thread-safe.</summary>
internal sealed class FolderChain
{
    private readonly Lazy<(CompiledPolicySet? Set, Verdict Refusal)> _answer;

    /// <summary>A chain of files.</summary>
    /// <param name="compile">Compiles them.</param>
    internal FolderChain(Func<CompiledPolicySet> compile) => _answer = new(() => Compile(compile));

    /// <summary>No chain, but a verdict.</summary>
    internal FolderChain(Verdict refusal) => _answer = new((null, refusal));

    /// <summary>What holds; null if <paramref name="refusal"/> is the answer.</summary>
    internal CompiledPolicySet? Get(out Verdict refusal)
    {
        (CompiledPolicySet? set, refusal) = _answer.Value;
        return set;
    }

    private static (CompiledPolicySet? Set, Verdict Refusal) Compile(Func<CompiledPolicySet> compile)
    {
        try
        {
            return (compile(), default);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // What cannot be compiled denies; the host goes on (POL-120).
            return (null, FolderReasons.Broken("The policies of the folder cannot be compiled together: " + exception.Message));
        }
    }
}
