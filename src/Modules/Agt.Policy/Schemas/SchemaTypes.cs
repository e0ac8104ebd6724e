namespace Agt.Policy.Schemas;

/// <summary>The types of JSON Schema 2020-12 (validation, 6.1.1).</summary>
[Flags]
internal enum SchemaTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Integer = 4,
    Number = 8,
    String = 16,
    Array = 32,
    Object = 64,
}
