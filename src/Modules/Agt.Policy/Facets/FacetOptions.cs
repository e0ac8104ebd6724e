using System.ComponentModel.DataAnnotations;
using Agt.Policy.Facets.Http;
using Agt.Policy.Facets.Kubernetes;
using Agt.Policy.Facets.Shell;
using Agt.Policy.Facets.Sql;

namespace Agt.Policy.Facets;

/// <summary>
/// Which facts are read out of arguments, and where the arguments stand. Paths are dotted (<c>sql.query</c>); tools are named by a pattern with <c>*</c> and <c>?</c>. Not thread-safe;
/// settled before the first action.
/// </summary>
public sealed class FacetOptions
{
    internal List<Func<int, IFacetExtractor>> Extractors { get; } = [];

    /// <summary>Characters of one statement or command that are read; a longer one is <c>UNKNOWN</c>. 1 to 1,048,576, default 65,536.</summary>
    [Range(1, 1_048_576)]
    public int MaxCharacters { get; set; } = 65_536;

    /// <summary>Whether <c>sql.query</c>, and <c>k8s.method</c> with <c>k8s.path</c>, are read when nothing else is said for them. Default true.</summary>
    public bool UseDefaults { get; set; } = true;

    /// <summary>
    /// Facts of SQL (spec 01, POL-249): <c>sql.verb</c> in upper case, <c>sql.target</c>, <c>sql.tables</c>, <c>sql.functions</c>; names without schema and quotes, in lower case, joined by
    /// commas. What could be more than one statement, or is read differently by databases in common use, has the verb <c>UNKNOWN</c>: deny that, or allow verbs by name.
    /// </summary>
    /// <param name="argument">Where the statement stands.</param>
    /// <param name="tools">The tools that run it.</param>
    public FacetOptions AddSql(string argument = "sql.query", string tools = "*")
    {
        var query = new FacetSource(argument, tools);
        return Add(limit => new SqlFacetExtractor(query, limit));
    }

    /// <summary>Facts of requests to the API of Kubernetes (spec 01, POL-250): <c>k8s.verb</c>, <c>k8s.resource</c>, <c>k8s.namespace</c>, <c>k8s.name</c>, <c>k8s.subresource</c>, <c>k8s.group</c>.</summary>
    /// <param name="method">Where the HTTP method stands.</param>
    /// <param name="path">Where the path stands, or the whole address.</param>
    /// <param name="tools">The tools that send it.</param>
    public FacetOptions AddKubernetes(string method = "k8s.method", string path = "k8s.path", string tools = "*")
    {
        var verb = new FacetSource(method, tools);
        var of = new FacetSource(path, tools);
        return Add(_ => new KubernetesFacetExtractor(verb, of));
    }

    /// <summary>
    /// Facts of requests over HTTP: <c>http.method</c>, <c>http.scheme</c>, <c>http.host</c> (in lower case, international names in their ASCII form), <c>http.port</c>, <c>http.path</c>,
    /// <c>http.is_address</c>, <c>http.is_internal</c> (loopback, private, link-local, or a name without a domain), <c>http.has_user</c>. An address that clients read differently has the
    /// host <c>UNKNOWN</c>. Names are not resolved: a public name may still lead to a private address.
    /// </summary>
    /// <param name="url">Where the address stands.</param>
    /// <param name="method">Where the method stands; <c>GET</c> if nothing is there.</param>
    /// <param name="tools">The tools that send it.</param>
    public FacetOptions AddHttp(string url = "http.url", string method = "http.method", string tools = "*")
    {
        var of = new FacetSource(url, tools);
        var verb = new FacetSource(method, tools);
        return Add(_ => new HttpFacetExtractor(verb, of));
    }

    /// <summary>
    /// Facts of commands of a POSIX shell: <c>shell.program</c> (the first; <c>UNKNOWN</c> if any cannot be told), <c>shell.programs</c> (all, with those of pipes, substitutions,
    /// <c>sh -c</c> and the like, joined by commas), <c>shell.redirects</c>, <c>shell.is_simple</c> (one known program and nothing else).
    /// </summary>
    /// <param name="command">Where the command stands: a text, or a list of arguments that no shell will read.</param>
    /// <param name="tools">The tools that run it.</param>
    public FacetOptions AddShell(string command = "shell.command", string tools = "*")
    {
        var of = new FacetSource(command, tools);
        return Add(limit => new ShellFacetExtractor(of, limit));
    }

    /// <summary>Facts of the host's own making.</summary>
    public FacetOptions Add(IFacetExtractor extractor)
    {
        ArgumentNullException.ThrowIfNull(extractor);
        return Add(_ => extractor);
    }

    private FacetOptions Add(Func<int, IFacetExtractor> extractor)
    {
        Extractors.Add(extractor);
        return this;
    }
}
