using System.Text;

namespace Agt.Policy.Testing;

/// <summary>What became of a call. The assertions throw <see cref="PolicyAssertionException"/> with what happened instead, and return this, so that they can be chained.</summary>
public sealed class PolicyOutcome
{
    private readonly PolicyCall _call;

    internal PolicyOutcome(PolicyCall call, Decision decision, string? arguments, string? result)
    {
        _call = call;
        Decision = decision;
        Arguments = arguments;
        Result = decision.IsAllowed ? result : null;
    }

    /// <summary>The decision that holds.</summary>
    public Decision Decision { get; }

    /// <summary>Whether the tool would have run.</summary>
    public bool Executed => Arguments is not null;

    /// <summary>What it would have run with, as canonical JSON (RFC 8785); null if it would not have run.</summary>
    public string? Arguments { get; }

    /// <summary>What the agent would have got back, as JSON; null if nothing.</summary>
    public string? Result { get; }

    /// <summary>The rule that explains the decision, or null if none does.</summary>
    public string? Rule => Decision.Detail.Rule;

    /// <summary>The call ran and its result came back.</summary>
    /// <param name="by">The rule that explains it; null for any.</param>
    public PolicyOutcome ShouldBeAllowed(string? by = null)
    {
        Expect(Decision.IsAllowed && Executed, "allowed");
        return ShouldBeDecidedBy(by);
    }

    /// <summary>The call did not run, or its result was withheld.</summary>
    /// <param name="by">The rule that explains it; null for any.</param>
    /// <param name="because">The reason code, such as <c>rule_denied</c>; null for any.</param>
    public PolicyOutcome ShouldBeDenied(string? by = null, string? because = null)
    {
        Expect(!Decision.IsAllowed, "denied");
        Expect(because is null || Decision.Reason.Code == because, $"denied because of {because}");
        return ShouldBeDecidedBy(by);
    }

    /// <summary>A person was asked, however the person answered.</summary>
    /// <param name="by">The rule that asks; null for any.</param>
    /// <param name="from">One of the approvers that are named; null for any.</param>
    public PolicyOutcome ShouldNeedApproval(string? by = null, string? from = null)
    {
        Verdict[] asked = [.. Decision.Contributions.Select(contribution => contribution.Verdict).Where(verdict => verdict.Outcome == VerdictOutcome.Escalate)];
        Expect(asked.Length > 0, "in need of approval");
        Expect(by is null || Array.Exists(asked, verdict => verdict.Detail?.Rule == by), $"in need of approval by rule '{by}'");
        Expect(from is null || Array.Exists(asked, verdict => verdict.Detail?.Approvers.Contains(from) == true), $"in need of approval from '{from}'");
        return this;
    }

    /// <summary>The call ran, with a warning.</summary>
    /// <param name="by">The rule that warns; null for any.</param>
    public PolicyOutcome ShouldBeWarned(string? by = null)
    {
        Expect(Decision.Outcome == VerdictOutcome.Warn && Executed, "allowed with a warning");
        return ShouldBeDecidedBy(by);
    }

    /// <summary>The call ran, with these arguments.</summary>
    /// <param name="json">JSON; order of members and white space do not matter.</param>
    public PolicyOutcome ShouldRunWith(string json)
    {
        Expect(Arguments is not null && Arguments == Canonical(json), $"run with {json}");
        return this;
    }

    /// <summary>The call ran, and this came back.</summary>
    /// <param name="json">JSON; order of members and white space do not matter.</param>
    public PolicyOutcome ShouldReturn(string json)
    {
        Expect(Result is not null && Canonical(Result) == Canonical(json), $"answered with {json}");
        return this;
    }

    /// <summary>Tool, decision and what led to it, over several lines.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(_call.Tool).Append(' ').Append(_call.Arguments).Append(" was ").Append(Decision.IsAllowed ? "allowed" : "denied").Append(" (").Append(Decision.Reason.Code).Append(')');
        text.Append(Rule is null ? string.Empty : $" by rule '{Rule}' of {Decision.Detail.Policy}");
        text.Append(Decision.Detail.Explanation is { } why ? ": " + why : string.Empty);
        text.Append(Arguments is null ? "\n  it did not run" : "\n  it ran with " + Arguments);
        text.Append(Result is null ? string.Empty : "\n  and returned " + Result);
        foreach (Contribution contribution in Decision.Contributions)
        {
            text.Append("\n  ").Append(contribution.Interceptor).Append(": ").Append(contribution.Verdict.Outcome).Append(contribution.Verdict.Detail is { } detail ? $" ({detail.Reason}) {detail.Rule}" : string.Empty);
        }

        return text.ToString();
    }

    private PolicyOutcome ShouldBeDecidedBy(string? rule)
    {
        Expect(rule is null || Rule == rule, $"decided by rule '{rule}'");
        return this;
    }

    private void Expect(bool holds, string what)
    {
        if (!holds)
        {
            throw new PolicyAssertionException($"The call should have been {what}, but {this}");
        }
    }

    private static string Canonical(string json) => Values.CanonicalJson.ToString(Values.GovernedValue.FromJson(json));
}
