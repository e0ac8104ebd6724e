namespace Agt.Compliance.Packs;

/// <summary>Files of data that cannot be used: packs of controls, tables of the classification, texts of a dossier.</summary>
public sealed class PackException : Exception
{
    internal PackException(IReadOnlyList<PackProblem> problems)
        : base(string.Join('\n', problems)) => Problems = problems;

    internal PackException(PackProblem problem)
        : this([problem])
    {
    }

    /// <summary>Everything that was found wrong, in the order of the files.</summary>
    public IReadOnlyList<PackProblem> Problems { get; }
}
