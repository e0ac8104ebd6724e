using Agt.Cli;

using var host = CliHost.OfProcess();
return await CommandTree.RunAsync(host, args).ConfigureAwait(false);
