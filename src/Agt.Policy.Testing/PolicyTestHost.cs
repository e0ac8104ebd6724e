using Agt.Approvals;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Policy.Testing;

/// <summary>
/// Policies in the chain they will run in, without an agent: a test makes tool calls and asserts what becomes of them. Works in every test framework.
/// </summary>
/// <remarks>One host has one clock, and its rate limits go on from call to call; make one for each test. Calls may be made in parallel; configuration may not.</remarks>
public sealed class PolicyTestHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private PolicyTestHost(Action<IGovernanceBuilder> policies, Action<IGovernanceBuilder>? configure)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Time);
        IGovernanceBuilder builder = services.AddGovernance();
        policies(builder);
        builder.AddApprovals((request, _) => ValueTask.FromResult(Answer(request)));
        configure?.Invoke(builder);
        _services = services.BuildServiceProvider();
        Governance = _services.GetRequiredService<IGovernance>();
        Policy = _services.GetRequiredService<PolicyEngine>().Current;
    }

    /// <summary>The clock. It stands still at 2026-01-01 00:00 UTC until a test moves it.</summary>
    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>How the person answers who is asked for approval: true approves. Refuses by default.</summary>
    public Func<ApprovalRequest, bool> OnApproval { get; set; } = static _ => false;

    /// <summary>The policies as they were compiled.</summary>
    public CompiledPolicySet Policy { get; }

    internal IGovernance Governance { get; }

    /// <summary>Loads a policy file, or all policies of a directory.</summary>
    /// <param name="path">The file or directory; a relative path is looked up beside the test assembly first, then in the current directory.</param>
    /// <param name="configure">Adds what else the host has: facets, capabilities, interceptors.</param>
    /// <exception cref="PolicyLoadException">The policies are refused; the message names file, line and what to do.</exception>
    public static PolicyTestHost FromFile(string path, Action<IGovernanceBuilder>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string beside = Path.Combine(AppContext.BaseDirectory, path);
        string found = Path.Exists(beside) ? beside : path;
        return new PolicyTestHost(builder => builder.AddPolicy(found), configure);
    }

    /// <summary>Takes a policy as text.</summary>
    /// <param name="yaml">The policy, in YAML or JSON.</param>
    /// <param name="configure">Adds what else the host has: facets, capabilities, interceptors.</param>
    /// <exception cref="PolicyLoadException">The policy is refused.</exception>
    public static PolicyTestHost FromText(string yaml, Action<IGovernanceBuilder>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(yaml);
        return new PolicyTestHost(builder => builder.AddPolicyText(yaml), configure);
    }

    /// <summary>Begins to describe a tool call.</summary>
    /// <param name="tool">The name of the tool, as the adapter gives it: <c>Orders.Refund</c> for a function of a Semantic Kernel plugin.</param>
    public PolicyCall Tool(string tool)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(tool);
        return new PolicyCall(this, tool);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private ApprovalResponse Answer(ApprovalRequest request) => OnApproval(request) ? request.Approve("test-approver") : request.Reject("test-approver");
}
