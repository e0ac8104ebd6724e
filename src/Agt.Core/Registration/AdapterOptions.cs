namespace Agt;

/// <summary>What every adapter lets its host choose.</summary>
public abstract class AdapterOptions
{
    /// <summary>Who acts. Default <see cref="AgentId.Anonymous"/>.</summary>
    public AgentId Agent { get; set; } = AgentId.Anonymous;

    /// <summary>The user the agent works for; null when unknown.</summary>
    public string? User { get; set; }

    /// <summary>The tenant; null when there is none.</summary>
    public string? Tenant { get; set; }

    /// <summary>Whether a denied tool call also stops the framework's loop. Default false: the model is told and may go on.</summary>
    public bool TerminateOnDeny { get; set; }

    /// <summary>
    /// What tools do, by the id that policies know them by, as in <c>Orders.Find</c>; one that ends in <c>*</c> is for all that begin so. Case does not matter. A tool that is not named here may do anything, and its calls wait until
    /// their record is on disk where there is an audit log. Default empty.
    /// </summary>
    public IDictionary<string, ToolDeclaration> Tools { get; } = new Dictionary<string, ToolDeclaration>(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is declared of a tool: by its whole id, else by the longest beginning; null if nothing is.</summary>
    internal ToolDeclaration? DeclarationOf(string tool) => Tools.Count == 0 ? null
        : Tools.TryGetValue(tool, out ToolDeclaration? declared) ? declared
        : Tools.Where(pair => pair.Key.EndsWith('*') && tool.StartsWith(pair.Key.AsSpan(0, pair.Key.Length - 1), StringComparison.OrdinalIgnoreCase)).OrderByDescending(pair => pair.Key.Length).Select(pair => pair.Value).FirstOrDefault();

    /// <summary>Who acts, as one object.</summary>
    public Principal ToPrincipal() => new(Agent, User, Tenant);
}
