namespace Agt.Policy.Folders;

/// <summary>
/// Policies that lie in the folders they are about: the <c>governance.yaml</c> (else <c>governance.yml</c>) of each folder from the root down to that of the file which a tool call names (spec 01, POL-110 to 121).
/// </summary>
public sealed class PolicyFolderOptions
{
    /// <summary>Describes a tree of folders.</summary>
    /// <param name="root">Its root; relative to the current directory of the process.</param>
    public PolicyFolderOptions(string root)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        Root = root;
    }

    /// <summary>The root. What a path leads to outside it is denied; in the profile <see cref="PolicyProfile.AgentOs10"/> only the policies of the host hold there.</summary>
    public string Root { get; }

    /// <summary>The arguments that name files or folders, each text or a list of at most 64 texts, relative to <see cref="Root"/> or absolute. Default <c>path</c>. When there are several, the policies of all hold.</summary>
    public IList<string> PathArguments { get; } = ["path"];

    /// <summary>The tools whose arguments are read, as a pattern with <c>*</c> and <c>?</c>. Default <c>*</c>: narrow it where tools have a <c>path</c> that is none of a file.</summary>
    public string Tools { get; set; } = "*";

    /// <summary>Whether tools may name the policy files themselves. Default false: an agent that can write its own policy has none.</summary>
    public bool AllowPolicyFiles { get; set; }

    /// <summary>How many folders are looked into, 1 to 1,000,000; more refuses to load. Default 50,000. Links, <c>.git</c> and <c>node_modules</c> are not looked into.</summary>
    public int MaxFolders { get; set; } = 50_000;
}
