using System.Collections.Concurrent;
using Agt.Policy.Compilation;

namespace Agt.Policy.Folders;

/// <summary>The plans of one template under the chains of one tree. Bounded; thread-safe.</summary>
internal sealed class FolderPlans(ActionTemplate template)
{
    private ConcurrentDictionary<CompiledPolicySet, TemplatePlans> _plans = new(ReferenceEqualityComparer.Instance);
    private int _count;

    internal TemplatePlans Of(CompiledPolicySet set) => _plans.TryGetValue(set, out TemplatePlans? plans) ? plans : Add(set);

    private TemplatePlans Add(CompiledPolicySet set)
    {
        if (Interlocked.Increment(ref _count) > FolderPolicies.MostChains)
        {
            Interlocked.Exchange(ref _plans, new(ReferenceEqualityComparer.Instance));
            Volatile.Write(ref _count, 1);
        }

        return _plans.GetOrAdd(set, static (owner, template) => new TemplatePlans(owner, template), template);
    }
}
