using System.Globalization;
using System.Runtime.CompilerServices;
using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>
/// Makes the snapshot of a point from what the chain knows (spec 01, section 5.10, POL-430), and finds the way back from a place in it to the arguments or the output. Thread-safe.
/// </summary>
internal sealed class AcsSnapshots(AcsOptions options)
{
    private readonly ConditionalWeakTable<GovernanceSession, Start> _starts = [];

    internal GovernedValue Of(OperationContext context, TimeSpan? duration, Outcome outcome)
    {
        ValueArena arena = AcsValues.NewArena();
        string[] labels = Labels(context.Session);
        arena.BeginMap();
        WriteEnvelope(arena, context);
        if (labels.Length > 0)
        {
            WriteLabels(arena, labels);
        }

        switch (context.Point)
        {
            case InterventionPoint.AgentStartup:
                Write(arena, "agent_init", OrNull(context.Payload));
                break;
            case InterventionPoint.Input:
                arena.Name("input");
                arena.BeginMap();
                Write(arena, "body", OrNull(context.Payload));
                Write(arena, "source", GovernedValue.From(context.Template.Operation));
                WriteLabels(arena, labels);
                arena.End(uniqueNames: true);
                break;
            case InterventionPoint.PreModelCall:
                WriteModelCall(arena, context);
                break;
            case InterventionPoint.PostModelCall:
                if (context.Payload.TryGetMember("model", out GovernedValue model))
                {
                    Write(arena, "model", model);
                }

                WriteCallId(arena, "request_id", context);
                Write(arena, "response", OrNull(context.Output));
                break;
            case InterventionPoint.PreToolCall:
                WriteToolCall(arena, context);
                break;
            case InterventionPoint.PostToolCall:
                WriteToolCall(arena, context);
                WriteToolResult(arena, context, duration, outcome);
                break;
            case InterventionPoint.Output:
                arena.Name("response");
                arena.BeginMap();
                Write(arena, "content", OrNull(context.Output));
                arena.End(uniqueNames: true);
                break;
            default:
                Write(arena, "summary", OrNull(context.Output));
                break;
        }

        return arena.End(uniqueNames: true);
    }

    /// <summary>Where in the arguments or the output a place of the snapshot stands; null where it stands in neither, so that nothing can be changed there.</summary>
    internal static PatchPath? PathOf(OperationContext context, AcsPath target, AcsPath within)
    {
        AcsPath.Step[] steps = [.. target.Steps, .. within.Steps];
        (string root, string[] prefix) = context.Point switch
        {
            InterventionPoint.AgentStartup => ("args", new[] { "agent_init" }),
            InterventionPoint.Input => ("args", ["input", "body"]),
            InterventionPoint.PreModelCall => ("args", context.Payload.Kind == ValueKind.Map ? [] : ["messages"]),
            InterventionPoint.PostModelCall => ("output", ["response"]),
            InterventionPoint.PreToolCall => ("args", ["tool_call", "args"]),
            InterventionPoint.PostToolCall => ("output", ["tool_result", "value"]),
            InterventionPoint.Output => ("output", ["response", "content"]),
            _ => ("output", ["summary"]),
        };
        if (steps.Length < prefix.Length || !steps.Take(prefix.Length).Select(step => step.Name).SequenceEqual(prefix))
        {
            return null;
        }

        AcsPath.Step[] rest = steps[prefix.Length..];
        if (context.Point == InterventionPoint.PreModelCall && prefix.Length == 0 && (rest.Length == 0 || rest[0].Name is not { } member || !context.Payload.TryGetMember(member, out _)))
        {
            return null;
        }

        return Parse(root + string.Concat(rest.Select(step => step.Name is { } name ? $"[\"{name}\"]" : string.Create(CultureInfo.InvariantCulture, $"[{step.Index}]"))), rest);
    }

    /// <summary>A name that the syntax of patches cannot say must not lead elsewhere.</summary>
    private static PatchPath? Parse(string text, AcsPath.Step[] steps)
    {
        if (Array.Exists(steps, step => step.Name?.Contains("\"]", StringComparison.Ordinal) == true))
        {
            return null;
        }

        try
        {
            return PatchPath.Parse(text) is { } path && path.Length == steps.Length ? path : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private void WriteEnvelope(ValueArena arena, OperationContext context)
    {
        GovernanceSession session = context.Session;
        arena.Name("envelope");
        arena.BeginMap();
        arena.Name("agent");
        arena.BeginMap();
        Write(arena, "id", GovernedValue.From(context.Template.Principal.Agent.ToString()));
        arena.End(uniqueNames: true);
        arena.Name("session");
        arena.BeginMap();
        Write(arena, "id", GovernedValue.From(session.Id.ToString()));
        arena.End(uniqueNames: true);
        Write(arena, "intervention_point", GovernedValue.From(context.Point.WireName()));
        Write(arena, "timestamp", GovernedValue.From(context.Timestamp.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)));
        if (context.Template.Principal.Tenant is { } tenant)
        {
            Write(arena, "tenant", GovernedValue.From(tenant));
        }

        arena.Name("budgets");
        arena.BeginMap();
        Write(arena, "tool_call_count", GovernedValue.From((long)session.ToolCalls));
        Write(arena, "token_count", GovernedValue.From(session.Tokens));
        Write(arena, "elapsed_seconds", GovernedValue.From(Elapsed(context)));
        if (options.CostUsd is { } cost)
        {
            Write(arena, "cost_usd", GovernedValue.From(cost(session)));
        }

        arena.End(uniqueNames: true);
        arena.End(uniqueNames: true);
    }

    private static void WriteModelCall(ValueArena arena, OperationContext context)
    {
        GovernedValue payload = context.Payload;
        if (payload.Kind != ValueKind.Map)
        {
            Write(arena, "messages", OrNull(payload));
        }

        for (int i = 0; i < payload.Count && payload.Kind == ValueKind.Map; i++)
        {
            ValueMember member = payload.MemberAt(i);
            if (member.Name is not ("envelope" or "ifc" or "request_id"))
            {
                Write(arena, member.Name, member.Value);
            }
        }

        WriteCallId(arena, "request_id", context);
    }

    private static void WriteToolCall(ValueArena arena, OperationContext context)
    {
        arena.Name("tool_call");
        arena.BeginMap();
        Write(arena, "name", GovernedValue.From(context.Template.Tool?.Name));
        Write(arena, "args", OrNull(context.Payload));
        WriteCallId(arena, "id", context);
        if (context.Template.Tool is { ContentHash.IsEmpty: false } tool)
        {
            Write(arena, "content_hash", GovernedValue.From(tool.ContentHash.ToString()));
        }

        arena.End(uniqueNames: true);
    }

    private static void WriteToolResult(ValueArena arena, OperationContext context, TimeSpan? duration, Outcome outcome)
    {
        arena.Name("tool_result");
        arena.BeginMap();
        Write(arena, "value", OrNull(context.Output));
        Write(arena, "error", GovernedValue.From(outcome.Status == OutcomeStatus.Completed ? null : outcome.Exception?.Message ?? outcome.Status.ToString()));
        if (duration is { } time)
        {
            Write(arena, "duration_ms", GovernedValue.From((long)time.TotalMilliseconds));
        }

        arena.End(uniqueNames: true);
    }

    /// <summary>An id is the framework's own, or not there (POL-430).</summary>
    private static void WriteCallId(ValueArena arena, string name, OperationContext context)
    {
        if (context.Action.CallId is { } id)
        {
            Write(arena, name, GovernedValue.From(id));
        }
    }

    private static void WriteLabels(ValueArena arena, string[] labels)
    {
        arena.Name("ifc");
        arena.BeginMap();
        arena.Name("source_labels");
        arena.BeginList();
        foreach (string label in labels)
        {
            arena.Write(GovernedValue.From(label));
        }

        arena.End();
        arena.End(uniqueNames: true);
    }

    private string[] Labels(GovernanceSession session) =>
        [.. session.Labels.Where(label => label.StartsWith(options.LabelPrefix, StringComparison.Ordinal)).Select(label => label[options.LabelPrefix.Length..]).Order(StringComparer.Ordinal)];

    private double Elapsed(OperationContext context)
    {
        Start start = _starts.GetValue(context.Session, _ => new Start(context.Timestamp));
        return Math.Max(0, (context.Timestamp - start.At).TotalSeconds);
    }

    private static void Write(ValueArena arena, string name, GovernedValue value)
    {
        arena.Name(name);
        arena.Write(value);
    }

    private static GovernedValue OrNull(GovernedValue value) => value.IsAbsent ? GovernedValue.Null : value;

    private sealed record Start(DateTimeOffset At);
}
