using System.ComponentModel.DataAnnotations;
using Agt.Policy.Compilation;

namespace Agt.Policy.InformationFlow;

/// <summary>
/// How information may flow through a session: one that has read private data and has taken in untrusted content may not send anything out without approval. Not thread-safe; settled
/// before the first action.
/// </summary>
public sealed class InformationFlowOptions
{
    internal List<(Glob Tools, ToolEffects Effects, string? Source)> Declared { get; } = [];

    internal List<(Glob Tools, string? Source)> Exempt { get; } = [];

    /// <summary>The label of a session that has read private data. Default <c>private</c>.</summary>
    [Required]
    public string PrivateLabel { get; set; } = "private";

    /// <summary>The label of a session that has taken in untrusted content. Default <c>untrusted</c>.</summary>
    [Required]
    public string UntrustedLabel { get; set; } = "untrusted";

    /// <summary>
    /// What a tool is taken to do that declares nothing. Default: it reads, takes in and sends out, so that a tool nobody thought about is stopped rather than let through. Set
    /// <see cref="ToolEffects.None"/> to trust such tools.
    /// </summary>
    public ToolEffects UndeclaredTools { get; set; } = ToolEffects.Reads | ToolEffects.Ingests | ToolEffects.Egress;

    /// <summary>Whether what a user writes is untrusted content: true where strangers write to the agent. Default false.</summary>
    public bool InputIsUntrusted { get; set; }

    /// <summary>True to deny what would otherwise need approval. Default false.</summary>
    public bool Deny { get; set; }

    /// <summary>Whom to ask.</summary>
    public IList<string> Approvers { get; } = [];

    /// <summary>Says what tools do whose framework has no way of declaring it. It adds to what a tool declares itself, and takes nothing away.</summary>
    /// <param name="tools">A pattern with <c>*</c> and <c>?</c>.</param>
    /// <param name="effects">What they do; <see cref="ToolEffects.Writes"/> alone for tools that neither read, take in nor send.</param>
    /// <param name="source">Only tools from there (<see cref="ToolIdentity.Source"/>): name it where a tool server that you do not run could offer a tool of the same name. Null for any.</param>
    public InformationFlowOptions Declare(string tools, ToolEffects effects, string? source = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(tools);
        Declared.Add((new Glob(tools), effects, source));
        return this;
    }

    /// <summary>Lets tools send out whatever the session holds, such as one that writes to the user's own mailbox. What they read and take in still counts.</summary>
    /// <param name="tools">A pattern with <c>*</c> and <c>?</c>.</param>
    /// <param name="source">Only tools from there, as in <see cref="Declare"/>. Null for any.</param>
    public InformationFlowOptions ExemptEgress(string tools, string? source = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(tools);
        Exempt.Add((new Glob(tools), source));
        return this;
    }
}
