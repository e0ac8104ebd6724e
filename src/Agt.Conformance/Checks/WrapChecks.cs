using Agt.Adapters;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Conformance;

/// <summary>Objects of the framework that the adapter wraps, and the ways around its hooks.</summary>
internal static class WrapChecks
{
    internal static async Task WrapsOnce(CheckContext context)
    {
        await using CheckHost host = await CheckHost.StartAsync(context.Make, [], builder => builder.AllowUnwrapping()).ConfigureAwait(false);
        WrappingResult wrapping = await WrapAsync(host).ConfigureAwait(false);
        Expect.That(!ReferenceEquals(wrapping.Original, wrapping.Wrapped), "a governed object beside the original", "the same object");
        Expect.That(ReferenceEquals(wrapping.Wrapped, wrapping.WrappedAgain), "one wrapper, however often the object is governed", "two");
        Expect.That(ReferenceEquals(wrapping.Original, wrapping.Unwrapped), "the original back, with the key of the host", wrapping.Unwrapped?.GetType().Name);
        Expect.That(!wrapping.UnwrapsWithoutKey, "nothing back without the key", "the original");
    }

    internal static async Task NothingReachable(CheckContext context)
    {
        await using CheckHost host = await CheckHost.StartAsync(context.Make, [], builder => builder.AllowUnwrapping()).ConfigureAwait(false);
        WrappingResult wrapping = await WrapAsync(host).ConfigureAwait(false);
        Expect.That(!wrapping.Reachable.Any(found => ReferenceEquals(found, wrapping.Original)), "no lookup to give the original away", wrapping.Original.GetType().Name);
    }

    internal static async Task BypassesAreHandled(CheckContext context)
    {
        IReadOnlyList<KnownBypass> bypasses;
        IAdapterFixture fixture = context.Make();
        await using (fixture.ConfigureAwait(false))
        {
            bypasses = fixture.Descriptor.KnownBypasses;
        }

        foreach (KnownBypass bypass in bypasses)
        {
            await using CheckHost host = await context.StartAsync(Hook.OnTool(_ => Verdict.Deny(CallChecks.No))).ConfigureAwait(false);
            DriveResult? result;
            using (GovernanceScope.Enter(host.Session))
            {
                result = await host.Fixture.BypassAsync(bypass.Id, CancellationToken.None).ConfigureAwait(false);
            }

            if (result is null)
            {
                Expect.That(bypass.Mitigation.Length >= 20, $"the descriptor to say what the host has to do about '{bypass.Id}'", bypass.Mitigation);
                continue;
            }

            Expect.Calls(host.Probes.Tools[0], 0, $"the way around '{bypass.Id}', with a policy that denies the tool");
        }
    }

    private static async Task<WrappingResult> WrapAsync(CheckHost host) =>
        await host.Fixture.WrapAsync(CancellationToken.None).ConfigureAwait(false) ?? throw new NotOfferedException("the adapter wraps no objects");
}
