namespace Agt.Conformance.Tests.Docs;

public delegate Task<string> Skill(IReadOnlyDictionary<string, object?> arguments, CancellationToken cancellationToken);

/// <summary>The framework: skills by name, and one hook around each of them.</summary>
public sealed class Clerk
{
    public Dictionary<string, Skill> Skills { get; } = [];

    public Func<string, IReadOnlyDictionary<string, object?>, Skill, CancellationToken, Task<string>> Hook { get; set; } = (_, arguments, skill, token) => skill(arguments, token);

    public Task<string> DoAsync(string name, IReadOnlyDictionary<string, object?> arguments, CancellationToken cancellationToken) => Hook(name, arguments, Skills[name], cancellationToken);
}
