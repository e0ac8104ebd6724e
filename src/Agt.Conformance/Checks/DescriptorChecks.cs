using System.Collections.Concurrent;
using System.Diagnostics;
using Agt.Adapters;
using Agt.Audit;
using Agt.Events;
using Agt.Monitoring;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Conformance;

/// <summary>What an adapter says about itself, and what others see of it.</summary>
internal static class DescriptorChecks
{
    private const string Canary = "CANARY-9f31";

    internal static async Task IsValid(CheckContext context)
    {
        IAdapterFixture fixture = context.Make();
        await using (fixture.ConfigureAwait(false))
        {
            AdapterDescriptor descriptor = fixture.Descriptor;
            foreach ((string what, string text) in ((string, string)[])[("Name", descriptor.Name), ("Framework", descriptor.Framework), ("PackageId", descriptor.PackageId)])
            {
                Expect.That(!string.IsNullOrWhiteSpace(text), $"a {what}", "none");
            }

            Expect.That(descriptor.TestedVersions.Count > 0, "at least one tested version", "none");
            foreach (string version in descriptor.TestedVersions.Append(descriptor.MinVersion))
            {
                Expect.That(Version.TryParse(version.Split('-')[0], out _), "versions of the form 1.2.3", version);
            }

            Expect.That(descriptor.Points.Count > 0 && descriptor.Points.Distinct().Count() == descriptor.Points.Count, "points, each once", string.Join(", ", descriptor.Points));
            Expect.That(descriptor.KnownBypasses.All(bypass => bypass.Id.Length > 0 && bypass.Description.Length > 0 && bypass.Mitigation.Length > 0), "a description and a mitigation of every known way around", "one without");
            Expect.That(descriptor.KnownBypasses.Select(bypass => bypass.Id).Distinct().Count() == descriptor.KnownBypasses.Count, "ids of ways around, each once", "one twice");
        }
    }

    internal static async Task ToolsHaveHashes(CheckContext context)
    {
        await using CheckHost host = await context.StartAsync().ConfigureAwait(false);
        await host.CallAsync().ConfigureAwait(false);
        await host.CallAsync("probe_write").ConfigureAwait(false);
        IReadOnlyList<LoggedRecord> decisions = host.ToolDecisions;
        Expect.That(decisions.Count == 2, "two decisions", decisions.Count);
        Expect.That(decisions.All(record => !record.Template.Tool!.ContentHash.IsEmpty), "a content hash of each tool", "none");
        Expect.That(decisions[0].Template.Tool!.ContentHash != decisions[1].Template.Tool!.ContentHash, "two tools with two hashes", "one");
    }

    internal static async Task ListenersAreIsolated(CheckContext context)
    {
        var events = new ConcurrentQueue<GovernanceEventKind>();
        await using CheckHost host = await CheckHost.StartAsync(
            context.Make, [Hook.OnTool(call => call.Template.Tool!.Name.Contains("write", StringComparison.Ordinal) ? Verdict.Deny(CallChecks.No) : default)],
            builder => builder.AddObserver(new Observer(_ => throw new InvalidOperationException("a listener that fails"))).AddObserver(new Observer(events.Enqueue))).ConfigureAwait(false);
        events.Clear();
        Expect.Allowed(await host.CallAsync().ConfigureAwait(false), "a call with a listener that fails");
        Expect.Denied(await host.CallAsync("probe_write").ConfigureAwait(false), "a denied call with a listener that fails");
        GovernanceEventKind[] expected = [GovernanceEventKind.PolicyCheck, GovernanceEventKind.OperationCompleted, GovernanceEventKind.PolicyCheck, GovernanceEventKind.ToolCallBlocked];
        Expect.Same(string.Join(", ", expected), string.Join(", ", events), "the events");
    }

    internal static async Task MonitorSees(CheckContext context)
    {
        await using CheckHost host = await CheckHost.StartAsync(
            context.Make, [Hook.OnTool(call => call.Template.Tool!.Name.Contains("write", StringComparison.Ordinal) ? Verdict.Deny(CallChecks.No) : default)], builder => builder.AddMonitoring()).ConfigureAwait(false);
        await host.CallAsync().ConfigureAwait(false);
        await host.CallAsync("probe_write").ConfigureAwait(false);
        GovernanceMonitor monitor = host.Services.GetRequiredService<GovernanceMonitor>();
        Expect.Same("2, 1", $"{monitor.GetStats().TotalToolCalls}, {monitor.GetStats().TotalViolations}", "the calls and violations counted");
        Expect.Same(host.IdOf("probe_write"), monitor.GetViolations().SingleOrDefault()?.ToolName, "the tool of the violation");
        Expect.Same(GovernanceStatus.Healthy, monitor.GetHealth().Status, "the health");
    }

    internal static async Task NoContentInTelemetry(CheckContext context)
    {
        var traced = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Agt",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => traced.Enqueue(activity.DisplayName + string.Join(' ', activity.TagObjects.Select(tag => $"{tag.Key}={tag.Value}")) + string.Join(' ', activity.Events.Select(each => each.Name))),
        };
        ActivitySource.AddActivityListener(listener);
        await using CheckHost host = await context.StartAsync(Hook.OnTool(call => call.Template.Tool!.Name.Contains("write", StringComparison.Ordinal) ? Verdict.Deny(CallChecks.No) : default)).ConfigureAwait(false);
        host.Probes["probe_read"].Respond = _ => ValueTask.FromResult(Canary);
        host.Probes["probe_send"].Respond = _ => throw new InvalidOperationException(Canary);
        foreach (string tool in (string[])["probe_read", "probe_write", "probe_send"])
        {
            await host.CallAsync(tool, $$"""{"path":"{{Canary}}"}""").ConfigureAwait(false);
        }

        Expect.That(!traced.Any(line => line.Contains(Canary, StringComparison.Ordinal)), "no content in traces", traced.FirstOrDefault(line => line.Contains(Canary, StringComparison.Ordinal)));
        Expect.That(!host.Messages.Any(line => line.Contains(Canary, StringComparison.Ordinal)), "no content in log messages", host.Messages.FirstOrDefault(line => line.Contains(Canary, StringComparison.Ordinal)));
    }

    internal static async Task KnowsOnlyItsFramework(CheckContext context)
    {
        IAdapterFixture fixture = context.Make();
        await using (fixture.ConfigureAwait(false))
        {
            if (fixture.AdapterAssembly is not { } assembly)
            {
                throw new NotOfferedException("the fixture does not name the assembly of the adapter");
            }

            foreach (string? name in assembly.GetReferencedAssemblies().Select(reference => reference.Name))
            {
                bool isOurs = name?.StartsWith("Agt.", StringComparison.Ordinal) == true;
                Expect.That(!isOurs || name is "Agt.Abstractions" or "Agt.Core", "references to Agt.Abstractions and Agt.Core only", name);
            }
        }
    }

    private sealed class Observer(Action<GovernanceEventKind> told) : IGovernanceObserver
    {
        public void OnEvent(in GovernanceEvent governanceEvent) => told(governanceEvent.Kind);
    }
}
