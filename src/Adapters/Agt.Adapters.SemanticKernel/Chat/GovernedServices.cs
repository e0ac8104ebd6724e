using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.TextGeneration;

namespace Agt.Adapters.SemanticKernel.Chat;

/// <summary>Which of a kernel's services are governed. Looked up once for each service provider. Thread-safe.</summary>
internal sealed class GovernedServices
{
    private readonly ConditionalWeakTable<IServiceProvider, StrongBox<bool>> _known = [];

    /// <summary>
    /// Whether the kernel has chat services, every one of them is governed, and there is no other kind of service that a prompt could select; no prompt can then reach a model past them.
    /// A service that is both is registered as both, and the kernel takes it as a chat service.
    /// </summary>
    internal bool AreAllGoverned(Kernel kernel) => _known.GetValue(kernel.Services, _ => new StrongBox<bool>(Check(kernel))).Value;

    private static bool Check(Kernel kernel)
    {
        IChatCompletionService[] services = [.. kernel.GetAllServices<IChatCompletionService>()];
        return services.Length > 0 && services.All(service => service is GovernedChatCompletionService) && !kernel.GetAllServices<IChatClient>().Any() &&
            kernel.GetAllServices<ITextGenerationService>().All(service => service is IChatCompletionService);
    }
}
