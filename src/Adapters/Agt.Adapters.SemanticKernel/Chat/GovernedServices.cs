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

    /// <summary>Whether the kernel has chat services, and they and every other service that a prompt could select are governed; no prompt can then reach a model past them.</summary>
    internal bool AreAllGoverned(Kernel kernel) => _known.GetValue(kernel.Services, _ => new StrongBox<bool>(Check(kernel))).Value;

    private static bool Check(Kernel kernel)
    {
        IChatCompletionService[] services = [.. kernel.GetAllServices<IChatCompletionService>()];
        return services.Length > 0 && services.All(service => service is GovernedChatCompletionService) && !kernel.GetAllServices<IChatClient>().Any() &&
            kernel.GetAllServices<ITextGenerationService>().All(service => service is GovernedTextGenerationService);
    }
}
