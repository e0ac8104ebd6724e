using Agt.Policy.Syntax;
using Agt.Values;

namespace Agt.Policy.Schemas;

/// <summary>One schema with everything it asks for. Immutable once it is read.</summary>
internal sealed class SchemaNode
{
    /// <summary>What a schema of <c>false</c> refuses: everything.</summary>
    internal bool RefusesAll { get; init; }

    internal SchemaTypes? Types { get; set; }

    internal GovernedValue[]? Enumeration { get; set; }

    internal GovernedValue Minimum { get; set; }

    internal GovernedValue Maximum { get; set; }

    internal GovernedValue ExclusiveMinimum { get; set; }

    internal GovernedValue ExclusiveMaximum { get; set; }

    internal int MinLength { get; set; }

    internal int MaxLength { get; set; } = int.MaxValue;

    internal TextPattern? Pattern { get; set; }

    internal int MinItems { get; set; }

    internal int MaxItems { get; set; } = int.MaxValue;

    internal SchemaNode? Items { get; set; }

    internal int MinProperties { get; set; }

    internal int MaxProperties { get; set; } = int.MaxValue;

    internal (string Name, SchemaNode Schema)[] Properties { get; set; } = [];

    internal string[] Required { get; set; } = [];

    internal SchemaNode? AdditionalProperties { get; set; }

    internal SchemaNode[] All { get; set; } = [];

    internal SchemaNode[] Any { get; set; } = [];

    internal SchemaNode[] One { get; set; } = [];

    internal SchemaNode? Not { get; set; }

    /// <summary>Whether it asks for anything at all.</summary>
    internal bool Constrains { get; set; }
}
