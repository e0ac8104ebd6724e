namespace Agt.Policy.Compilation;

/// <summary>What a condition comes to. Unknown only while a plan is made, when nothing but the template is known.</summary>
internal enum Truth : byte
{
    False,
    True,
    Error,
    Unknown,
}
