using System.Collections.Immutable;

namespace Agt;

/// <content>What a session carries by name (POL-240, POL-241).</content>
public sealed partial class GovernanceSession
{
    private ImmutableDictionary<string, string> _attributes = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The value of an attribute that the policy of the session declares; null when it declares none of that name.</summary>
    /// <param name="name">The name, by ordinal.</param>
    public string? GetAttribute(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Declared(name) is { } attribute ? GetAttribute(attribute) : null;
    }

    /// <summary>The value of an attribute, by a declaration that the caller has at hand. Allocates nothing.</summary>
    /// <param name="attribute">The declaration.</param>
    /// <returns>What was set; the initial value when nothing was, and the highest when what was set is not one of the values declared here.</returns>
    public string GetAttribute(SessionAttributeDefinition attribute)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        return Value(attribute, Volatile.Read(ref _attributes));
    }

    /// <summary>Sets an attribute. One that is monotonic only rises: of two threads that set it, the higher value stays.</summary>
    /// <param name="name">The name, by ordinal.</param>
    /// <param name="value">One of its values.</param>
    /// <returns>False, and nothing has changed, when the policy declares no such attribute or value, or a monotonic one already has that value or a higher one.</returns>
    public bool TrySetAttribute(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        if (Declared(name) is not { } attribute || attribute.IndexOf(value) is var place && place < 0)
        {
            return false;
        }

        while (true)
        {
            ImmutableDictionary<string, string> seen = Volatile.Read(ref _attributes);
            if (attribute.IsMonotonic && place <= attribute.IndexOf(Value(attribute, seen)))
            {
                return false;
            }

            if (ReferenceEquals(Interlocked.CompareExchange(ref _attributes, seen.SetItem(name, value), seen), seen))
            {
                return true;
            }
        }
    }

    /// <summary>Gives an attribute the value that sessions begin with, also one that is monotonic. For the host alone: never call it because of what an agent or a tool said.</summary>
    /// <param name="name">The name, by ordinal.</param>
    public void ResetAttribute(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        ImmutableInterlocked.Update(ref _attributes, static (set, item) => set.Remove(item), name);
    }

    /// <summary>A value of which a later policy knows nothing counts as the highest: it may have been high.</summary>
    private static string Value(SessionAttributeDefinition attribute, ImmutableDictionary<string, string> set) =>
        !set.TryGetValue(attribute.Name, out string? value) ? attribute.Initial : attribute.IndexOf(value) < 0 ? attribute.Highest : value;

    private SessionAttributeDefinition? Declared(string name) => Policy is { } policy && policy.SessionAttributes.TryGetValue(name, out SessionAttributeDefinition? attribute) ? attribute : null;
}
