using Agt.Adapters.ExtensionsAI.Chat;
using Agt.Values;
using Microsoft.Extensions.AI;

namespace Agt.Adapters.ExtensionsAI.Embeddings;

/// <summary>Shows policy how many embeddings came back. Vectors are no text; nothing in them can be searched or redacted.</summary>
internal sealed class EmbeddingCodec<TEmbedding> : ResultCodec
    where TEmbedding : Embedding
{
    public override GovernedValue Capture(object? result, ValueArena arena)
    {
        arena.BeginMap();
        arena.Name("count");
        arena.Write(GovernedValue.From((long)((GeneratedEmbeddings<TEmbedding>)result!).Count));
        return arena.End();
    }

    public override object? Replace(object? original, GovernedValue value) => throw PartRewriter.Unsupported();
}
