using System.Text;
using Agt.Adapters.SemanticKernel.Functions;
using Agt.Values;
using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Chat;

/// <summary>
/// What has to be known of one request with all its rounds: which calls the filters got to see, and how often the same call was denied. Thread-safe: calls may run at once.
/// </summary>
internal sealed class ModelTurn
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string? Id, string Tool), int> _seen = [];
    private readonly Dictionary<Digest, int> _denied = [];

    /// <summary>Remembers a call that came to the filters.</summary>
    internal void See(string? callId, string tool)
    {
        (string?, string) key = Key(callId, tool);
        lock (_lock)
        {
            _seen[key] = _seen.GetValueOrDefault(key) + 1;
        }
    }

    /// <summary>Whether the filters got to see a call. Each was seen once: a second of the same id has to have been seen itself.</summary>
    internal bool TryTakeSeen(string? callId, string tool)
    {
        (string?, string) key = Key(callId, tool);
        lock (_lock)
        {
            int count = _seen.GetValueOrDefault(key);
            _seen[key] = Math.Max(0, count - 1);
            return count > 0;
        }
    }

    /// <summary>Counts a denied call.</summary>
    /// <returns>Whether a model that asks the same again and again has asked often enough (ADP-152).</returns>
    internal bool IsOnceTooOften(FunctionPlan plan, KernelArguments? arguments, int most)
    {
        Digest digest = DigestOf(plan, arguments);
        lock (_lock)
        {
            int denied = _denied.GetValueOrDefault(digest) + 1;
            _denied[digest] = denied;
            return denied >= most;
        }
    }

    /// <summary>Connectors join the names of a plugin and its function each in their own way (<c>Files-Read</c>, <c>Files_Read</c>); one spelling of them all.</summary>
    internal static string Spelling(string tool) => tool.Replace('.', '_').Replace('-', '_').ToUpperInvariant();

    private static (string? Id, string Tool) Key(string? callId, string tool) => (callId, Spelling(tool));

    /// <summary>The call without its id. One that cannot be frozen counts as equal to every other such call of the function.</summary>
    private static Digest DigestOf(FunctionPlan plan, KernelArguments? arguments)
    {
        string tool = plan.Template.Tool!.Name;
        try
        {
            var frozen = new ValueArena(PayloadLimits.Default);
            return Digest.Of(Encoding.UTF8.GetBytes(tool + "\n" + CanonicalJson.DigestOf(FrozenArguments.Freeze(arguments, plan, frozen, out _))));
        }
        catch (PayloadException)
        {
            return Digest.Of(Encoding.UTF8.GetBytes(tool));
        }
    }
}
