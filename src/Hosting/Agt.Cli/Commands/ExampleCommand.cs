using System.CommandLine;

namespace Agt.Cli;

/// <summary>A command whose help ends with examples.</summary>
internal sealed class ExampleCommand(string name, string description, string examples) : Command(name, description)
{
    internal string Examples { get; } = examples;
}
