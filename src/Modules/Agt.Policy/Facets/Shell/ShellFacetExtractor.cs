using Agt.Values;

namespace Agt.Policy.Facets.Shell;

/// <summary>
/// Writes <c>shell.program</c>, <c>shell.programs</c>, <c>shell.redirects</c>, <c>shell.is_simple</c> and <c>shell.command</c>. The command may be a text, which a shell will read, or a list
/// of arguments, which none will.
/// </summary>
internal sealed class ShellFacetExtractor(FacetSource command, int maxCharacters) : IFacetExtractor
{
    public string Root => "shell";

    public bool Applies(ActionTemplate about, GovernedValue payload) => command.Finds(about, payload);

    public void Extract(ActionTemplate about, GovernedValue payload, ValueArena facts)
    {
        GovernedValue value = command.Applies(about) ? command.Read(payload) : default;
        ShellFacts? found = null;
        string text = string.Empty;
        if (value.Kind == ValueKind.List)
        {
            var arguments = new List<string>();
            for (int i = 0; i < value.Count; i++)
            {
                arguments.Add(value[i].AsString() ?? throw new FormatException("An argument of a command is no text."));
            }

            text = string.Join(' ', arguments);
            found = arguments.Count == 0 ? null : ShellFacts.Of(arguments, maxCharacters);
        }
        else if (!value.IsAbsentOrNull)
        {
            text = value.AsString() ?? throw new FormatException("A command is no text.");
            found = ShellFacts.Of(text, maxCharacters);
        }

        Write("command", GovernedValue.From(text));
        Write("program", GovernedValue.From(found is null or { Programs.Count: 0 } ? string.Empty : found.IsUnknown ? ShellFacts.Unknown : found.Programs[0]));
        Write("programs", GovernedValue.From(found is null ? string.Empty : string.Join(',', found.Programs)));
        Write("redirects", GovernedValue.From(found is null ? string.Empty : string.Join(',', found.Redirects)));
        Write("is_simple", GovernedValue.From(found is { IsUnknown: false, Parts: 1 }));

        void Write(string name, GovernedValue of)
        {
            facts.Name(name);
            facts.Write(of);
        }
    }
}
