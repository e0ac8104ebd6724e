using Agt.Adapters.SemanticKernel.Chat;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.TextGeneration;

namespace Agt.Adapters.SemanticKernel;

/// <summary>A registration of a chat or text service that gives the governed one. Lifetime and key stay.</summary>
internal static class GovernedDescriptor
{
    internal static bool IsGoverned(ServiceDescriptor descriptor) =>
        (descriptor.IsKeyedService ? descriptor.KeyedImplementationFactory?.Target : descriptor.ImplementationFactory?.Target) is Source;

    internal static ServiceDescriptor Decorate(ServiceDescriptor descriptor)
    {
        var source = new Source(descriptor);
        return descriptor.IsKeyedService
            ? new ServiceDescriptor(descriptor.ServiceType, descriptor.ServiceKey, source.Create, descriptor.Lifetime)
            : new ServiceDescriptor(descriptor.ServiceType, source.Create, descriptor.Lifetime);
    }

    private sealed class Source(ServiceDescriptor inner)
    {
        internal object Create(IServiceProvider provider) => Create(provider, null);

        internal object Create(IServiceProvider provider, object? key)
        {
            object? given = inner.IsKeyedService ? inner.KeyedImplementationInstance : inner.ImplementationInstance;
            object service = given ?? Make(provider, key);
            SemanticKernelGovernor governor = provider.GetRequiredService<SemanticKernelGovernor>();
            return inner.ServiceType == typeof(IChatCompletionService)
                ? new GovernedChatCompletionService((IChatCompletionService)service, governor, ownsInner: given is null)
                : new GovernedTextGenerationService((ITextGenerationService)service, governor, ownsInner: given is null);
        }

        private object Make(IServiceProvider provider, object? key)
        {
            if (inner.IsKeyedService)
            {
                return inner.KeyedImplementationFactory is { } keyed
                    ? keyed(provider, key)
                    : ActivatorUtilities.CreateInstance(provider, inner.KeyedImplementationType!);
            }

            return inner.ImplementationFactory is { } factory ? factory(provider) : ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!);
        }
    }
}
