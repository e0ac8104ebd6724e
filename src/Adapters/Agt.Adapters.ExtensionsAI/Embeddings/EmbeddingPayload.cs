using Agt.Adapters.ExtensionsAI.Chat;
using Agt.Adapters.ExtensionsAI.Values;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Embeddings;

/// <summary>What policy sees of a request for embeddings: <c>{model, dimensions, inputs}</c>, where an input is a text or a part with a <c>type</c>.</summary>
internal static class EmbeddingPayload
{
    internal static bool Supports(Type input) => input == typeof(string) || input.IsAssignableTo(typeof(AIContent));

    internal static GovernedValue Write<TInput>(ValueArena arena, IReadOnlyList<TInput> inputs, EmbeddingGenerationOptions? options, ObjectFreezer freezer)
    {
        arena.BeginMap();
        arena.Name("model");
        arena.Write(GovernedValue.From(options?.ModelId));
        arena.Name("dimensions");
        arena.Write(options?.Dimensions is { } dimensions ? GovernedValue.From((long)dimensions) : GovernedValue.Null);
        arena.Name("inputs");
        arena.BeginList();
        foreach (TInput input in inputs)
        {
            switch (input)
            {
                case string text:
                    arena.Write(GovernedValue.From(text));
                    break;
                case AIContent content:
                    PartWriter.WritePart(arena, content, freezer);
                    break;
                default:
                    throw new PayloadException(ReasonCodes.RequestInvalid, "An input is null, or of an unknown kind.");
            }
        }

        arena.End();
        return arena.End(uniqueNames: true);
    }

    /// <summary>The inputs as a transform changed them: as many, in the same order.</summary>
    /// <exception cref="PayloadException">The change cannot be carried over.</exception>
    internal static List<TInput> Rewrite<TInput>(IReadOnlyList<TInput> inputs, GovernedValue before, GovernedValue after, ObjectFreezer freezer)
    {
        if (PartRewriter.SingleChange(before, after) != "inputs" || !after.TryGetMember("inputs", out GovernedValue changed) ||
            changed.Kind != ValueKind.List || changed.Count != inputs.Count)
        {
            throw PartRewriter.Unsupported();
        }

        var rewritten = new List<TInput>(inputs.Count);
        for (int i = 0; i < inputs.Count; i++)
        {
            object input = inputs[i] is AIContent content ? PartRewriter.Rewrite(content, changed[i], freezer)
                : changed[i].Kind == ValueKind.String ? changed[i].AsString()!
                : throw PartRewriter.Unsupported();
            rewritten.Add(input is TInput fits ? fits : throw PartRewriter.Unsupported());
        }

        return rewritten;
    }
}
