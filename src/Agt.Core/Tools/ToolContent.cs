using System.Buffers;
using System.Reflection;
using Agt.Values;

namespace Agt.Tools;

/// <summary>
/// What a tool is: its name, what it says about itself, and what will run. Its digest changes when any of that does, so that a tool that somebody approved of cannot become another one
/// unnoticed (spec 08, ADP-080 to ADP-084, 5.2). Computed by adapters from what they hand to the framework, never taken from a caller.
/// </summary>
public static class ToolContent
{
    /// <summary>Computes the digest: SHA-256 over the canonical JSON of version, name, description, schemas and implementation.</summary>
    /// <param name="name">The tool's id.</param>
    /// <param name="description">What the model is told; null for nothing.</param>
    /// <param name="inputSchema">The JSON schema of its arguments; absent or null for none.</param>
    /// <param name="outputSchema">The JSON schema of its result; absent or null for none.</param>
    /// <param name="implementation">What runs: <see cref="OfMethod"/>, or <c>mcp:server</c> for a tool that runs elsewhere.</param>
    public static Digest Compute(string name, string? description, GovernedValue inputSchema, GovernedValue outputSchema, string implementation)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(implementation);
        var output = new ArrayBufferWriter<byte>(512);
        output.Write("{\"description\":"u8);
        CanonicalJson.Write(output, GovernedValue.From(description));
        output.Write(",\"impl\":"u8);
        CanonicalJson.WriteString(output, implementation);
        output.Write(",\"input_schema\":"u8);
        CanonicalJson.Write(output, inputSchema.IsAbsent ? GovernedValue.Null : inputSchema);
        output.Write(",\"name\":"u8);
        CanonicalJson.WriteString(output, name);
        output.Write(",\"output_schema\":"u8);
        CanonicalJson.Write(output, outputSchema.IsAbsent ? GovernedValue.Null : outputSchema);
        output.Write(",\"v\":1}"u8);
        return Digest.Of(output.WrittenSpan);
    }

    /// <summary>Names a method of this process: assembly, module version and metadata token. It changes when its module is compiled from other source.</summary>
    /// <param name="method">The method. Where it has no token (ahead-of-time compilation, code made at run time) its declaring type and name stand in place of it.</param>
    public static string OfMethod(MethodBase method)
    {
        ArgumentNullException.ThrowIfNull(method);
        Module module = method.Module;
        return method.HasMetadataToken()
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{module.Assembly.GetName().Name}|{module.ModuleVersionId}|{method.MetadataToken}")
            : $"{module.Assembly.GetName().Name}|{method.DeclaringType?.FullName}|{method.Name}";
    }

    /// <summary>Names an object that runs by itself, by its type.</summary>
    /// <param name="implementation">The object.</param>
    public static string OfObject(object implementation)
    {
        ArgumentNullException.ThrowIfNull(implementation);
        Type type = implementation.GetType();
        return $"{type.Assembly.GetName().Name}|{type.Module.ModuleVersionId}|{type.FullName}";
    }
}
