using Agt.Adapters.SemanticKernel.Chat;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.TextGeneration;

namespace Agt.Adapters.SemanticKernel;

/// <summary>Looks a kernel over.</summary>
internal static class KernelInspector
{
    private const string PutFirst = "Call kernel.AddGovernance(governance) again, after the other filters are added.";
    private const string BuildLast = "Call builder.AddGovernance(...) after the services are registered, and build the kernel again.";

    internal static KernelGovernanceReport Inspect(Kernel kernel)
    {
        var gaps = new List<GovernanceGap>();
        var filters = new List<string>();
        Check("function", kernel.FunctionInvocationFilters, filters, gaps);
        Check("auto_function", kernel.AutoFunctionInvocationFilters, filters, gaps);
        Check("prompt", kernel.PromptRenderFilters, filters, gaps);
        foreach (IFunctionInvocationFilter inner in kernel.FunctionInvocationFilters.SkipWhile(filter => filter is not GovernanceFilter).Where(filter => filter is not GovernanceFilter))
        {
            gaps.Add(new GovernanceGap(
                "inner_filter", $"The function filter {inner.GetType().Name} runs inside governance and can change arguments after they were decided on.",
                "Do in an interceptor what it does, or remove it."));
        }

        int governed = 0;
        foreach (IChatCompletionService service in kernel.GetAllServices<IChatCompletionService>())
        {
            if (service is GovernedChatCompletionService)
            {
                governed++;
            }
            else
            {
                gaps.Add(new GovernanceGap("chat_service", $"The chat service {service.GetType().Name} is not decorated: direct requests to it are not decided on.", BuildLast));
            }
        }

        foreach (IChatClient client in kernel.GetAllServices<IChatClient>())
        {
            gaps.Add(new GovernanceGap(
                "chat_client", $"The chat client {client.GetType().Name} is not decorated: of its requests only rendered prompts are decided on.",
                "Register an IChatCompletionService instead, or govern the client with the adapter for Microsoft.Extensions.AI."));
        }

        foreach (ITextGenerationService service in kernel.GetAllServices<ITextGenerationService>().Where(service => service is not GovernedTextGenerationService))
        {
            gaps.Add(new GovernanceGap(
                "text_service", $"The text generation service {service.GetType().Name} is not decorated: of its requests only rendered prompts are decided on.",
                BuildLast));
        }

        return new KernelGovernanceReport(filters, governed, gaps);
    }

    private static void Check<T>(string hook, IList<T> list, List<string> filters, List<GovernanceGap> gaps)
    {
        if (list is [GovernanceFilter, ..])
        {
            filters.Add(hook);
        }
        else
        {
            gaps.Add(list.Any(filter => filter is GovernanceFilter)
                ? new GovernanceGap(hook + "_filter_order", $"Another {hook} filter comes before governance.", PutFirst)
                : new GovernanceGap(hook + "_filter", $"No {hook} filter of governance is installed.", PutFirst));
        }
    }
}
