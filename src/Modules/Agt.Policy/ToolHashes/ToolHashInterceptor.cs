using System.Security.Cryptography;
using Agt.Values;

namespace Agt.Policy.ToolHashes;

/// <summary>Compares tools with what was registered: one whose content changed after somebody approved of it does not run. Thread-safe.</summary>
internal sealed class ToolHashInterceptor : IInterceptor
{
    private readonly ToolHashOptions _options;
    private readonly Func<ToolHashInterceptor, ActionTemplate, object> _decide = static (self, template) => new Decided(self.Decide(template.Tool));

    internal ToolHashInterceptor(ToolHashOptions options) => _options = options;

    /// <summary>The code of a denial or warning.</summary>
    internal static ReasonCode Reason { get; } = new("policy:content_hash", DenialCategory.NotAllowedTool, "Tool not permitted by governance policy.");

    public string Name => "tool-hashes";

    public InterceptorStage Stage => InterceptorStage.Policy;

    public ValueTask<Verdict> BeforeAsync(OperationContext context, CancellationToken cancellationToken) =>
        context.Point == InterventionPoint.PreToolCall ? new(((Decided)context.Template.GetOrAddPlan(this, _decide)).Verdict) : default;

    private Verdict Decide(ToolIdentity? tool)
    {
        if (tool is null)
        {
            return Say(VerdictOutcome.Deny, "The call names no tool.");
        }

        if (tool.ContentHash == default)
        {
            return Say(VerdictOutcome.Deny, "The tool comes without a content hash.");
        }

        if (!_options.Known.TryGetValue(tool.Name, out Digest known))
        {
            return Say(_options.IsStrict ? VerdictOutcome.Deny : VerdictOutcome.Warn, "The tool is not registered.");
        }

        return IsSame(tool.ContentHash, known)
            ? default
            : Say(VerdictOutcome.Deny, $"The tool has the content hash {Shown(tool.ContentHash)}, and {Shown(known)} is registered: it may have been tampered with.");
    }

    private static Verdict Say(VerdictOutcome outcome, string why) => new(outcome, new VerdictDetail(Reason) { Explanation = why });

    private static bool IsSame(Digest left, Digest right)
    {
        Span<byte> a = stackalloc byte[32];
        Span<byte> b = stackalloc byte[32];
        left.CopyTo(a);
        right.CopyTo(b);
        return CryptographicOperations.FixedTimeEquals(a, b);
    }

    /// <summary>Twelve characters: enough to find it, not enough to make another one by.</summary>
    private static string Shown(Digest digest) => digest.ToString()["sha256:".Length..][..12];

    private sealed record Decided(Verdict Verdict);
}
