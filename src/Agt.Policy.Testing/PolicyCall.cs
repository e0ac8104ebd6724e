using Agt.Values;

namespace Agt.Policy.Testing;

/// <summary>A tool call to be decided on. Immutable: each method returns a changed copy.</summary>
public sealed record PolicyCall
{
    private readonly PolicyTestHost _host;

    internal PolicyCall(PolicyTestHost host, string tool)
    {
        _host = host;
        Tool = tool;
    }

    /// <summary>The tool.</summary>
    public string Tool { get; }

    /// <summary>The arguments, as a JSON object. Default <c>{}</c>.</summary>
    public string Arguments { get; init; } = "{}";

    /// <summary>What the tool would return, as JSON. Default <c>null</c>.</summary>
    public string Result { get; init; } = "null";

    /// <summary>The agent. Default <c>test-agent</c>.</summary>
    public string Agent { get; init; } = "test-agent";

    /// <summary>The user on whose behalf it acts; null for none.</summary>
    public string? User { get; init; }

    /// <summary>The tenant; null for none.</summary>
    public string? Tenant { get; init; }

    /// <summary>What the tool declares that it does.</summary>
    public ToolEffects Effects { get; init; }

    /// <summary>Labels that the session has when the call is made.</summary>
    public IReadOnlyCollection<string> Labels { get; init; } = [];

    /// <summary>Sets the arguments.</summary>
    /// <param name="json">A JSON object.</param>
    public PolicyCall With(string json) => this with { Arguments = json };

    /// <summary>Sets what the tool would return.</summary>
    /// <param name="json">JSON.</param>
    public PolicyCall Returning(string json) => this with { Result = json };

    /// <summary>Sets the agent, and on whose behalf it acts.</summary>
    public PolicyCall By(string agent, string? user = null, string? tenant = null) => this with { Agent = agent, User = user, Tenant = tenant };

    /// <summary>Sets the labels of the session.</summary>
    public PolicyCall InSessionLabelled(params string[] labels) => this with { Labels = labels };

    /// <summary>Makes the call, in a session of its own. The tool is not there: what it would return is taken from <see cref="Result"/>.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">Arguments or result are no JSON, or the arguments are no object.</exception>
    public async Task<PolicyOutcome> DecideAsync(CancellationToken cancellationToken = default)
    {
        GovernedValue arguments = Read(Arguments, nameof(Arguments));
        if (arguments.Kind != ValueKind.Map)
        {
            throw new ArgumentException($"The arguments must be a JSON object, not {Arguments}");
        }

        _ = Read(Result, nameof(Result));
        var principal = new Principal(AgentId.Parse(Agent), User, Tenant);
        GovernanceSession session;
        try
        {
            session = await _host.Governance.OpenSessionAsync(principal, new SessionOptions { Labels = Labels }, cancellationToken).ConfigureAwait(false);
        }
        catch (GovernanceDeniedException denied)
        {
            // The policies do not let this agent begin at all.
            return new PolicyOutcome(this, denied.Decision, null, null);
        }

        await using (session.ConfigureAwait(false))
        {
            return await DecideAsync(session, arguments, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<PolicyOutcome> DecideAsync(GovernanceSession session, GovernedValue arguments, CancellationToken cancellationToken)
    {
        var template = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", session.Principal, new ToolIdentity(Tool, effects: Effects), "test");
        var ran = new Ran();
        GovernedResult<string> result = await _host.Governance.InvokeAsync(
            new GovernedAction(template, session, arguments),
            (Call: this, Ran: ran),
            static (state, operation, _) =>
            {
                state.Ran.Arguments = CanonicalJson.ToString(operation.Payload);
                return ValueTask.FromResult(state.Call.Result);
            },
            JsonTextCodec.Instance,
            cancellationToken).ConfigureAwait(false);
        return new PolicyOutcome(this, result.Decision, ran.Arguments, result.Value);
    }

    private static GovernedValue Read(string json, string what)
    {
        try
        {
            return GovernedValue.FromJson(json);
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or PayloadException)
        {
            throw new ArgumentException($"{what} is no JSON: {exception.Message}", exception);
        }
    }

    private sealed class Ran
    {
        internal string? Arguments { get; set; }
    }
}
