using System.Reflection;
using Agt.Adapters;

namespace Agt.Conformance;

/// <summary>
/// What the author of an adapter writes: how to build the framework, governed, and how to drive it by its normal routes. One fixture is made for each check, and disposed after it.
/// </summary>
/// <remarks>
/// Members that have a default are for abilities that not every framework has; what the descriptor does not declare is not asked for. A fixture never calls governance itself: that is the adapter's part, and the
/// very thing that is checked.
/// </remarks>
public interface IAdapterFixture : IAsyncDisposable
{
    /// <summary>What the adapter says it can do.</summary>
    AdapterDescriptor Descriptor { get; }

    /// <summary>On whose behalf the adapter of this fixture acts.</summary>
    Principal Principal { get; }

    /// <summary>The assembly of the adapter; null if it is not to be looked at.</summary>
    Assembly? AdapterAssembly => null;

    /// <summary>Builds the framework, governed, with every tool of the probes, and with the model of the probes if it has a model.</summary>
    /// <param name="setup">What to build it with.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask StartAsync(ConformanceSetup setup, CancellationToken cancellationToken);

    /// <summary>Calls a tool by the framework's normal route for host code.</summary>
    /// <param name="drive">Which tool, with which arguments.</param>
    /// <param name="cancellationToken">To be passed to the framework.</param>
    /// <returns>What the caller of the framework gets, exceptions included.</returns>
    ValueTask<DriveResult> CallToolAsync(ToolDrive drive, CancellationToken cancellationToken);

    /// <summary>Asks the model through the framework, with all tools, and lets the framework run what the model calls. For adapters that cover <see cref="InterventionPoint.PreModelCall"/>.</summary>
    /// <param name="drive">The prompt.</param>
    /// <param name="cancellationToken">To be passed to the framework.</param>
    ValueTask<DriveResult> RunTurnAsync(TurnDrive drive, CancellationToken cancellationToken) => throw new NotSupportedException("The fixture runs no turns.");

    /// <summary>As <see cref="RunTurnAsync"/>, but streamed: the text of each update, as the caller of the framework gets it. For adapters that declare <see cref="AdapterCapabilities.Stream"/>.</summary>
    /// <param name="drive">The prompt.</param>
    /// <param name="cancellationToken">To be passed to the framework.</param>
    IAsyncEnumerable<string> StreamTurnAsync(TurnDrive drive, CancellationToken cancellationToken) => throw new NotSupportedException("The fixture streams no turns.");

    /// <summary>The names by which a model can call a tool in this framework; at first its own name only.</summary>
    /// <param name="tool">The name that the probe has.</param>
    IReadOnlyList<string> SpellingsOf(string tool) => [tool];

    /// <summary>The id by which policies know a tool; at first the name that the probe has.</summary>
    /// <param name="tool">The name that the probe has.</param>
    string IdOf(string tool) => tool;

    /// <summary>Whether the framework's tools have types of their own, so that a rewritten argument may not fit; false where tools take any JSON. At first true.</summary>
    bool HasTypedTools => true;

    /// <summary>Goes one of the ways around the hooks that the descriptor lists, and tries to run the first tool on it.</summary>
    /// <param name="bypassId">The id of the way.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What came of it; null if only the host can close this way, as the descriptor then has to say.</returns>
    ValueTask<DriveResult?> BypassAsync(string bypassId, CancellationToken cancellationToken) => ValueTask.FromResult<DriveResult?>(null);

    /// <summary>Wraps an object of the framework twice and unwraps it, where the adapter has wrappers. The host of the setup allows unwrapping then.</summary>
    /// <returns>What was found; null if the adapter wraps nothing.</returns>
    ValueTask<WrappingResult?> WrapAsync(CancellationToken cancellationToken) => ValueTask.FromResult<WrappingResult?>(null);
}
