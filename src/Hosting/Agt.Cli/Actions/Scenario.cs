using Agt.Policy.Loading;
using Agt.Values;

namespace Agt.Cli;

/// <summary>One case of a scenario file (POL-017).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Line">Where it begins.</param>
/// <param name="Context">The action.</param>
/// <param name="ExpectedAction">What must be decided, as an effect; null where it does not matter.</param>
/// <param name="ExpectedAllowed">Whether the action must be allowed; null where it does not matter.</param>
internal sealed record Scenario(string Name, int Line, GovernedValue Context, string? ExpectedAction, bool? ExpectedAllowed)
{
    private static readonly string[] Known = ["name", "description", "context", "expected_action", "expected_allowed"];
    private static readonly string[] Effects = ["allow", "deny", "audit", "warn", "require_approval", "transform", "rate_limit"];

    private static readonly HashSet<string> ActionFields = new(StringComparer.Ordinal)
    {
        "id", "point", "stage", "operation", "framework", "agent", "user", "tenant", "tool", "args", "payload", "messages", "input", "output", "session", "facets", "timestamp",
        "verified", "trust_score",
    };

    /// <summary>Reads the scenarios of a file.</summary>
    /// <exception cref="CliException">It holds none, or one is wrong.</exception>
    internal static IReadOnlyList<Scenario> Read(PolicyText file)
    {
        if (PolicyText.Member(file.Root, "scenarios")?.Items is not { Count: > 0 } items)
        {
            throw Wrong(file, file.Root, "there is no list 'scenarios' with anything in it.");
        }

        return [.. items.Select((item, index) => Read(file, item, index + 1))];
    }

    private static Scenario Read(PolicyText file, DocumentNode node, int number)
    {
        if (node.Members is not { } members)
        {
            throw Wrong(file, node, "a scenario must be a map.");
        }

        if (members.Find(member => !Known.Contains(member.Name, StringComparer.Ordinal)) is { Name: { } unknown } stranger)
        {
            throw Wrong(file, stranger.Value, $"'{unknown}' is not known. Known: {string.Join(", ", Known)}.");
        }

        DocumentNode context = PolicyText.Member(node, "context") is { Members: not null } map ? map : throw Wrong(file, node, "'context' is missing, or is no map.");
        string? effect = null;
        if (PolicyText.Member(node, "expected_action") is { } action)
        {
            effect = action.Text == "block" ? "deny" : action.Text;
            if (!Effects.Contains(effect, StringComparer.Ordinal))
            {
                throw Wrong(file, action, $"'expected_action' must be one of {string.Join(", ", Effects)}.");
            }
        }

        bool? allowed = null;
        if (PolicyText.Member(node, "expected_allowed") is { } flag)
        {
            allowed = flag.Scalar.TryGetBoolean(out bool value) ? value : throw Wrong(file, flag, "'expected_allowed' must be true or false.");
        }

        return effect is null && allowed is null
            ? throw Wrong(file, node, "a scenario that expects nothing cannot fail; give expected_action or expected_allowed.")
            : new Scenario(PolicyText.Member(node, "name")?.Text ?? $"scenario {number}", node.Position.Line, Action(file, context), effect, allowed);
    }

    /// <summary>A context as an action: <c>tool_name</c> and <c>agent_id</c> by their names in conditions, and whatever is no field of an action is an argument.</summary>
    private static GovernedValue Action(PolicyText file, DocumentNode context)
    {
        var fields = new List<DocumentMember>();
        var arguments = new List<DocumentMember>();
        foreach (DocumentMember member in context.Members!)
        {
            string name = member.Name switch { "tool_name" => "tool", "agent_id" => "agent", _ => member.Name };
            (ActionFields.Contains(name) ? fields : arguments).Add(member with { Name = name });
        }

        if (arguments.Count > 0)
        {
            if (fields.Exists(field => field.Name is "args" or "payload" or "messages" or "input"))
            {
                throw Wrong(file, context, $"'{arguments[0].Name}' stands beside the arguments; put it into them.");
            }

            fields.Add(new DocumentMember("payload", context.Position, new DocumentNode { Position = context.Position, Members = arguments }));
        }

        try
        {
            return PolicyText.Value(new DocumentNode { Position = context.Position, Members = fields });
        }
        catch (PayloadException exception)
        {
            throw Wrong(file, context, exception.Message);
        }
    }

    private static CliException Wrong(PolicyText file, DocumentNode node, string message) =>
        new($"{InputFile.Name(file.Path)}:{node.Position.Line}:{node.Position.Column}: {CliHost.Clean(message)}");
}
