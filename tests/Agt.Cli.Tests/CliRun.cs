using System.Text;

namespace Agt.Cli.Tests;

/// <summary>One run of the command in this process, with everything that it wrote.</summary>
internal sealed record CliRun(int Code, string Output, string Errors)
{
    internal IReadOnlyList<string> Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    internal static Task<CliRun> Of(params string[] arguments) => WithInput(string.Empty, arguments);

    /// <summary>A command that runs until it is stopped.</summary>
    internal static Task<CliRun> Until(CancellationToken stop, params string[] arguments) => RunAsync(string.Empty, arguments, stop);

    internal static Task<CliRun> WithInput(string input, params string[] arguments) => RunAsync(input, arguments, CancellationToken.None);

    private static async Task<CliRun> RunAsync(string input, string[] arguments, CancellationToken stop)
    {
        using var output = new MemoryStream();
        using var errors = new MemoryStream();
        int code;
        using (var host = new CliHost(new MemoryStream(Encoding.UTF8.GetBytes(input)), output, errors, TimeProvider.System, isTerminal: false, colors: false, width: 200))
        {
            code = await CommandTree.RunAsync(host, arguments, stop);
        }

        return new CliRun(code, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(errors.ToArray()));
    }
}
