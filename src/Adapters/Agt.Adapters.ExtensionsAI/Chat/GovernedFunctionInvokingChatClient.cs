using Agt.Adapters.ExtensionsAI.NativeApprovals;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Agt.Adapters.ExtensionsAI.Chat;

/// <summary>
/// The function loop between the two governed layers. Whoever gets hold of it (to set it up, say) and calls it directly still calls governed functions and a governed model; tools added
/// to it later are governed when they are called.
/// </summary>
internal sealed class GovernedFunctionInvokingChatClient : FunctionInvokingChatClient
{
    private readonly ChatGovernor _governor;

    internal GovernedFunctionInvokingChatClient(IChatClient inner, ChatGovernor governor, ILoggerFactory? loggers, IServiceProvider services)
        : base(inner, loggers, services) => _governor = governor;

    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(Admitted(messages), _governor.Tools.Govern(options), cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetStreamingResponseAsync(Admitted(messages), _governor.Tools.Govern(options), cancellationToken);

    public override object? GetService(Type serviceType, object? serviceKey = null) => ServiceFilter.GetService(this, InnerClient, serviceType, serviceKey);

    private IEnumerable<ChatMessage> Admitted(IEnumerable<ChatMessage> messages) =>
        AnswerDesk.OnlyAdmitted(messages, ChatTurn.Current is { } turn && turn.Governor == _governor ? turn : null);

    protected override ValueTask<object?> InvokeFunctionAsync(FunctionInvocationContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Function = _governor.Tools.Govern(context.Function);
        return base.InvokeFunctionAsync(context, cancellationToken);
    }
}
