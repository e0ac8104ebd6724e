using Agt.Adapters.SemanticKernel.Chat;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Agt.Adapters.SemanticKernel;

/// <summary>A registration of a chat service that gives the governed one. Lifetime and key stay.</summary>
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
        internal GovernedChatCompletionService Create(IServiceProvider provider) => Create(provider, null);

        internal GovernedChatCompletionService Create(IServiceProvider provider, object? key)
        {
            object? given = inner.IsKeyedService ? inner.KeyedImplementationInstance : inner.ImplementationInstance;
            var service = (IChatCompletionService)(given ?? Make(provider, key));
            return new GovernedChatCompletionService(service, provider.GetRequiredService<SemanticKernelGovernor>(), ownsInner: given is null);
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
