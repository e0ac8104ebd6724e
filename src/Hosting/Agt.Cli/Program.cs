namespace Agt.Cli;

/// <summary>The process: its streams, its arguments, its exit code.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        using var host = CliHost.OfProcess();
        return await CommandTree.RunAsync(host, args).ConfigureAwait(false);
    }
}
