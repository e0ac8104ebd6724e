using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Quickstart;

/// <summary>Which model drives the agents: the script, or an OpenAI-compatible endpoint that environment variables name.</summary>
internal static class Models
{
    public static string Description => Endpoint is null
        ? "a script (no model, no key, no network; set AGT_OPENAI_ENDPOINT, AGT_OPENAI_KEY and AGT_OPENAI_MODEL to use a real one)"
        : $"{Model} at {Endpoint}";

    public static bool IsReal => Endpoint is not null;

    private static string? Endpoint => Environment.GetEnvironmentVariable("AGT_OPENAI_ENDPOINT");

    private static string Model => Environment.GetEnvironmentVariable("AGT_OPENAI_MODEL") ?? "gpt-4o-mini";

    public static IChatClient Create(params (string Tool, Dictionary<string, object?> Arguments)[] script)
    {
        if (Endpoint is null)
        {
            return new ScriptedChatClient(script);
        }

        string key = Environment.GetEnvironmentVariable("AGT_OPENAI_KEY") ?? "none";
        return new OpenAIClient(new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(Endpoint) }).GetChatClient(Model).AsIChatClient();
    }
}
