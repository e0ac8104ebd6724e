namespace Agt.Policy.Facets.Kubernetes;

/// <summary>What a request to the API server of Kubernetes asks for, in the words of its own access rules (POL-250).</summary>
internal sealed record KubernetesFacts(string Verb, string Resource = "", string Namespace = "", string Name = "", string Subresource = "", string Group = "")
{
    internal const string Unknown = "UNKNOWN";

    internal static KubernetesFacts None { get; } = new(string.Empty);

    internal static KubernetesFacts NotUnderstood { get; } = new(Unknown);

    internal static KubernetesFacts Of(string method, string path)
    {
        string query = string.Empty;
        int mark = path.IndexOfAny(['?', '#']);
        if (mark >= 0)
        {
            query = path[mark] == '?' ? path[(mark + 1)..] : string.Empty;
            path = path[..mark];
        }

        if (Uri.TryCreate(path, UriKind.Absolute, out Uri? absolute) && absolute.Scheme is "https" or "http")
        {
            path = absolute!.AbsolutePath;
        }

        string[] parts = path.Trim('/').Split('/');
        for (int i = 0; i < parts.Length; i++)
        {
            // An encoded slash or dot segment would be one thing here and another on the server.
            string part = Uri.UnescapeDataString(parts[i]);
            if (part.Length == 0 || part is "." or ".." || part.AsSpan().IndexOfAny("/\\%\0") >= 0 || part.AsSpan().IndexOfAnyInRange('\0', ' ') >= 0)
            {
                return path.Trim('/').Length == 0 && parts.Length == 1 ? new KubernetesFacts(Request(method)) : NotUnderstood;
            }

            parts[i] = part;
        }

        int at;
        string group = string.Empty;
        if (parts is ["api", _, _, ..])
        {
            at = 2;
        }
        else if (parts is ["apis", _, _, _, ..])
        {
            group = parts[1];
            at = 3;
        }
        else
        {
            // Not about a resource, such as /healthz or /version: the verb is the method itself.
            return new KubernetesFacts(Request(method));
        }

        bool watch = Watches(query);
        if (parts[at] is "watch" or "proxy" && at + 1 < parts.Length)
        {
            watch |= parts[at] == "watch";
            at++;
        }

        string space = string.Empty;
        if (parts[at] == "namespaces" && at + 1 < parts.Length)
        {
            space = parts[at + 1];
            if (at + 2 < parts.Length && parts[at + 2] is not ("status" or "finalize"))
            {
                at += 2;
            }
        }

        string name = at + 1 < parts.Length ? parts[at + 1] : string.Empty;
        string subresource = at + 2 < parts.Length ? string.Join('/', parts[(at + 2)..]) : string.Empty;
        return new KubernetesFacts(VerbOf(method, name.Length > 0, watch), parts[at], space, name, subresource, group);
    }

    private static string Request(string method) => method.Length is > 0 and <= 16 && method.All(char.IsAsciiLetter) ? method.ToLowerInvariant() : Unknown;

    private static string VerbOf(string method, bool named, bool watch) => method.ToUpperInvariant() switch
    {
        "GET" or "HEAD" when watch => "watch",
        "GET" or "HEAD" => named ? "get" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => named ? "delete" : "deletecollection",
        _ => Unknown,
    };

    private static bool Watches(string query)
    {
        foreach (string pair in query.Split('&'))
        {
            string[] sides = pair.Split('=', 2);
            if (Uri.UnescapeDataString(sides[0]) == "watch" && (sides.Length == 1 || Uri.UnescapeDataString(sides[1]) is not ("false" or "0" or "False" or "FALSE" or "f" or "F")))
            {
                return true;
            }
        }

        return false;
    }
}
