using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Agt.Cli;

/// <summary>Help as the library writes it, with the name of the tool in place of that of its file, and with examples.</summary>
internal sealed class ExampleHelpAction(HelpAction help, string fileName) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        TextWriter output = parseResult.InvocationConfiguration.Output;
        using var text = new StringWriter();
        parseResult.InvocationConfiguration.Output = text;
        try
        {
            help.Invoke(parseResult);
        }
        finally
        {
            parseResult.InvocationConfiguration.Output = output;
        }

        output.Write(text.ToString().TrimEnd().Replace("  " + fileName, "  agt", StringComparison.Ordinal));
        output.WriteLine();
        if (parseResult.CommandResult.Command is ExampleCommand command)
        {
            output.WriteLine();
            output.WriteLine("Examples:");
            foreach (string line in command.Examples.Split('\n'))
            {
                output.WriteLine("  " + line);
            }
        }

        return ExitCode.Success;
    }
}
