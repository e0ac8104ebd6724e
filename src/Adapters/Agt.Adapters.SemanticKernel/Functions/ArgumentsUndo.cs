using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Functions;

/// <summary>Changes to arguments that are taken back once the function has run: the same object may stand in the chat history, which governance never edits.</summary>
internal sealed class ArgumentsUndo(KernelArguments arguments)
{
    private readonly List<(string Name, bool Existed, object? Value)> _before = [];

    internal void Set(string name, object? value)
    {
        Remember(name);
        arguments[name] = value;
    }

    internal void Remove(string name)
    {
        Remember(name);
        arguments.Remove(name);
    }

    internal void Revert()
    {
        for (int i = _before.Count - 1; i >= 0; i--)
        {
            (string name, bool existed, object? value) = _before[i];
            if (existed)
            {
                arguments[name] = value;
            }
            else
            {
                arguments.Remove(name);
            }
        }
    }

    private void Remember(string name) => _before.Add((name, arguments.TryGetValue(name, out object? value), value));
}
