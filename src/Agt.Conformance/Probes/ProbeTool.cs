using System.Collections.Concurrent;
using Agt.Values;

namespace Agt.Conformance;

/// <summary>A tool that remembers its calls. Thread-safe.</summary>
public sealed class ProbeTool
{
    private readonly ConcurrentQueue<ProbeCall> _calls = new();

    internal ProbeTool(string name, string description)
    {
        Name = name;
        Description = description;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What it says about itself.</summary>
    public string Description { get; }

    /// <summary>
    /// The JSON schema of its arguments: <c>path</c> (text), <c>count</c> (whole number), <c>flag</c> (boolean), <c>note</c> (text or null), <c>nested</c> (an object). None is required.
    /// </summary>
    public static string ParametersSchema =>
        """{"type":"object","properties":{"path":{"type":"string"},"count":{"type":"integer"},"flag":{"type":"boolean"},"note":{"type":["string","null"]},"nested":{"type":"object"}}}""";

    /// <summary>The calls that reached it, in order.</summary>
    public IReadOnlyCollection<ProbeCall> Calls => _calls;

    /// <summary>Whether it counts nothing, for checks of memory.</summary>
    internal bool Forgets { get; set; }

    internal Func<ProbeCall, ValueTask<string>> Respond { get; set; } = static call => ValueTask.FromResult("ok");

    /// <summary>Runs the tool. A fixture calls this from the function that it gives to the framework, and from nowhere else.</summary>
    /// <param name="arguments">The arguments as the framework hands them to the function: scalars, JSON elements or nodes, maps and lists of them.</param>
    /// <param name="cancellationToken">As the framework hands it to the function.</param>
    /// <returns>The text that the function returns.</returns>
    public ValueTask<string> RunAsync(IEnumerable<KeyValuePair<string, object?>> arguments, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var arena = new ValueArena(PayloadLimits.Default);
        arena.BeginMap();
        foreach ((string name, object? value) in arguments)
        {
            arena.Name(name);
            arena.WriteObject(value);
        }

        var call = new ProbeCall(CanonicalJson.ToString(arena.End()), cancellationToken);
        if (!Forgets)
        {
            _calls.Enqueue(call);
        }

        return Respond(call);
    }
}
