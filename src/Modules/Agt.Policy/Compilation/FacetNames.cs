namespace Agt.Policy.Compilation;

/// <summary>The first names under which the conditions of a plan may find a facet. Filled while the plan is made, then only read.</summary>
internal sealed class FacetNames
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    internal bool Wants(string root) => _names.Contains(root) || _names.Contains("*");

    internal void Add(Condition condition)
    {
        switch (condition)
        {
            case AllOf all:
                Array.ForEach(all.Parts, Add);
                break;
            case AnyOf any:
                Array.ForEach(any.Parts, Add);
                break;
            case Negation negation:
                Add(negation.Inner);
                break;
            case Test test:
                Add(test.Left);
                Add(test.Right);
                break;
        }
    }

    private void Add(Operand? operand)
    {
        switch (operand)
        {
            case PathOperand { Path.FacetName: { } name }:
                _names.Add(name);
                break;
            case CallOperand call:
                Add(call.Argument);
                break;
            case ConditionOperand inner:
                Add(inner.Condition);
                break;
        }
    }
}
