using System.Text.Encodings.Web;
using System.Text.Json;

namespace Agt.Cli;

/// <summary>How JSON is written to people's files: indented, legible, ending in a line end.</summary>
internal static class JsonOutput
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static Utf8JsonWriter Writer(Stream output) => new(output, Options);

    internal static void End(Stream output)
    {
        output.Write("\n"u8);
        output.Flush();
    }
}
