using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Chat;

/// <summary>What may be asked of a governed client: itself, facts about the model, and the governed function loop. Everything else below it stays below it.</summary>
internal static class ServiceFilter
{
    internal static object? GetService(IChatClient client, IChatClient inner, Type serviceType, object? serviceKey)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
        {
            return null;
        }

        if (serviceType.IsInstanceOfType(client))
        {
            return client;
        }

        if (serviceType == typeof(ChatClientMetadata) || serviceType == typeof(ActivitySource))
        {
            return inner.GetService(serviceType);
        }

        return serviceType == typeof(FunctionInvokingChatClient) ? inner.GetService(typeof(GovernedFunctionInvokingChatClient))
            : serviceType == typeof(GovernedFunctionInvokingChatClient) || serviceType == typeof(GovernedChatClient) ? inner.GetService(serviceType)
            : null;
    }
}
