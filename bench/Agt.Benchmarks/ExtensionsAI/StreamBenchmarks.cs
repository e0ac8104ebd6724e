using System.Runtime.CompilerServices;
using Agt.Benchmarks.Chain;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;

namespace Agt.Benchmarks.ExtensionsAI;

/// <summary>What buffering adds to an update of a stream: a governed client against the same loop of the framework without governance. Figures are of one update.</summary>
[MemoryDiagnoser]
public class StreamBenchmarks
{
    private const int Updates = 1_000;
    private readonly ChainHost _host = new(8);
    private IChatClient _plain = null!;
    private IChatClient _governed = null!;

    [GlobalSetup]
    public void Setup()
    {
        var source = new FixedStream();
        _plain = source.AsBuilder().UseFunctionInvocation().Build();
        _governed = source.AsBuilder().UseGovernance(_host.Governance, options => options.Agent = ChainHost.Agent.Agent).Build();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Updates)]
    public Task<int> Framework() => ReadAsync(_plain);

    [Benchmark(OperationsPerInvoke = Updates)]
    public async Task<int> Governed()
    {
        using (GovernanceScope.Enter(_host.Session))
        {
            return await ReadAsync(_governed).ConfigureAwait(false);
        }
    }

    private static async Task<int> ReadAsync(IChatClient client)
    {
        int length = 0;
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("go").ConfigureAwait(false))
        {
            length += update.Contents.Count;
        }

        return length;
    }

    /// <summary>The same updates again and again, each with one word.</summary>
    private sealed class FixedStream : IChatClient
    {
        private readonly ChatResponseUpdate[] _updates = [.. Enumerable.Range(0, Updates).Select(_ => new ChatResponseUpdate(ChatRole.Assistant, "word "))];

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await ValueTask.CompletedTask.ConfigureAwait(false);
            foreach (ChatResponseUpdate update in _updates)
            {
                yield return update;
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
