using Agt.Policy.Compilation;
using Agt.Values;

namespace Agt.Policy.Facets;

/// <summary>Where an extractor finds a text: a dotted path of the arguments, of the tools that a pattern names.</summary>
internal sealed class FacetSource
{
    private readonly Glob _tools;
    private readonly string[] _parts;
    private readonly string _path;

    internal FacetSource(string path, string tools)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentException.ThrowIfNullOrWhiteSpace(tools);
        _path = path;
        _parts = path.Split('.');
        _tools = new Glob(tools);
    }

    internal bool Applies(ActionTemplate template) => _tools.IsMatch(template.Tool?.Name ?? string.Empty);

    internal bool Finds(ActionTemplate template, GovernedValue payload) => Applies(template) && !Read(payload).IsAbsentOrNull;

    /// <summary>The value at the path, or under the path as one name; absent if neither is there.</summary>
    internal GovernedValue Read(GovernedValue payload)
    {
        GovernedValue value = payload;
        foreach (string part in _parts)
        {
            if (!value.TryGetMember(part, out value))
            {
                return payload.TryGetMember(_path, out value) ? value : default;
            }
        }

        return value;
    }

    /// <summary>The text at the path.</summary>
    /// <exception cref="FormatException">There is something, and it is no text.</exception>
    internal string? ReadText(GovernedValue payload)
    {
        GovernedValue value = Read(payload);
        return value.IsAbsentOrNull ? null : value.AsString() ?? throw new FormatException($"The argument {_path} is no text.");
    }
}
