using Agt.Values;

namespace Agt.Policy.Schemas;

/// <summary>
/// What arguments must look like: JSON Schema 2020-12 in part. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// Known are <c>type</c>, <c>enum</c>, <c>const</c>, <c>minimum</c>, <c>maximum</c>, <c>exclusiveMinimum</c>, <c>exclusiveMaximum</c>, <c>minLength</c>, <c>maxLength</c>, <c>pattern</c> (in linear
/// time), <c>items</c>, <c>minItems</c>, <c>maxItems</c>, <c>properties</c>, <c>required</c>, <c>additionalProperties</c>, <c>minProperties</c>, <c>maxProperties</c>, <c>allOf</c>, <c>anyOf</c>,
/// <c>oneOf</c>, <c>not</c>, and annotations. Any other keyword is refused. A schema has at most 1,000 parts, 32 deep.
/// </remarks>
public sealed class ArgumentSchema
{
    private const int MaxSteps = 100_000;
    private readonly SchemaNode _root;

    private ArgumentSchema(SchemaNode root) => _root = root;

    /// <summary>Reads a schema.</summary>
    /// <param name="json">JSON, without duplicate names.</param>
    /// <exception cref="FormatException">It is no JSON or no schema, or uses a keyword that is not known; the message says where.</exception>
    public static ArgumentSchema Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            return new ArgumentSchema(new SchemaReader().Read(GovernedValue.FromJson(json), string.Empty, 0));
        }
        catch (PayloadException exception)
        {
            throw new FormatException("The schema is no JSON: " + exception.Message, exception);
        }
    }

    /// <summary>Whether a value is as the schema wants it. A value that takes more than 100,000 steps to compare is not.</summary>
    public bool IsValid(GovernedValue value)
    {
        var check = new SchemaCheck(MaxSteps);
        return check.Holds(_root, value) && !check.IsExhausted;
    }

    /// <summary>Whether it says nothing against a value: as <see cref="IsValid"/>, but too many steps do not count against it. For what forbids.</summary>
    internal bool MayHold(GovernedValue value)
    {
        var check = new SchemaCheck(MaxSteps);
        return check.Holds(_root, value) || check.IsExhausted;
    }

    /// <summary>Whether every argument that it names at its top and asks something of is there (spec 01, POL-197).</summary>
    internal bool HasAll(GovernedValue arguments)
    {
        foreach ((string name, SchemaNode property) in _root.Properties)
        {
            if (property.Constrains && !property.RefusesAll && (!arguments.TryGetMember(name, out GovernedValue value) || value.IsAbsent))
            {
                return false;
            }
        }

        return true;
    }
}
