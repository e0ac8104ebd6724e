namespace Agt.Policy.Compilation;

/// <summary>The plans of one template under one set: at its own point and, once needed, at its result point. Thread-safe.</summary>
internal sealed class TemplatePlans(CompiledPolicySet set, ActionTemplate template)
{
    private readonly Plan _before = set.MakePlan(template, template.Point);
    private Plan? _after;

    internal Plan At(InterventionPoint point) => point == template.Point ? _before : Volatile.Read(ref _after) ?? MakeAfter(point);

    private Plan MakeAfter(InterventionPoint point)
    {
        if (point != template.Point.ResultPoint())
        {
            throw new ArgumentException($"An action that begins at {template.Point.WireName()} never stands at {point.WireName()}.", nameof(point));
        }

        Plan plan = set.MakePlan(template, point);
        return Interlocked.CompareExchange(ref _after, plan, null) ?? plan;
    }
}
