using Agt.Policy;
using System.Text;
using Spectre.Console;

namespace Agt.Cli;

/// <summary>All that the commands know of the process: its streams, its clock, and whether somebody looks at them.</summary>
internal sealed class CliHost : IDisposable
{
    private readonly Stream _output;
    private readonly StreamWriter _text;
    private readonly StreamWriter _errors;

    /// <summary>How policies are loaded; set from the command line before a command runs.</summary>
    internal PolicyLoadOptions Loading { get; set; } = PolicyLoadOptions.Default;

    internal CliHost(Stream input, Stream output, Stream errors, TimeProvider time, bool isTerminal, bool colors, int width)
    {
        Input = input;
        _output = output;
        Time = time;
        IsTerminal = isTerminal;
        _text = new StreamWriter(output, new UTF8Encoding(false), 4096, leaveOpen: true) { AutoFlush = true, NewLine = "\n" };
        _errors = new StreamWriter(errors, new UTF8Encoding(false), 1024, leaveOpen: true) { AutoFlush = true, NewLine = "\n" };
        Terminal = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = colors ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colors ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(_text),
        });
        Terminal.Profile.Width = width;
    }

    /// <summary>Standard input, as bytes.</summary>
    internal Stream Input { get; }

    /// <summary>Standard output, as bytes: for JSON. Not to be mixed with <see cref="Terminal"/>.</summary>
    internal Stream Output => _output;

    /// <summary>Standard output, for people.</summary>
    internal IAnsiConsole Terminal { get; }

    /// <summary>Standard output, as plain text.</summary>
    internal TextWriter Text => _text;

    /// <summary>Standard error.</summary>
    internal TextWriter Errors => _errors;

    /// <summary>Whether a person reads the output.</summary>
    internal bool IsTerminal { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; }

    /// <summary>The streams of this process. The only place that reads the environment.</summary>
    internal static CliHost OfProcess()
    {
        bool colors = !Console.IsOutputRedirected
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") != "dumb";
        int width = Console.IsOutputRedirected ? 200 : Math.Clamp(Console.WindowWidth, 60, 200);
        return new CliHost(Console.OpenStandardInput(), StandardOutput(), Console.OpenStandardError(), TimeProvider.System, !Console.IsOutputRedirected, colors, width);
    }

    /// <summary>Standard output that tells when its reader has gone; the console's own stream keeps that to itself, and a long batch would run on for nobody.</summary>
    private static Stream StandardOutput()
    {
        if (!OperatingSystem.IsWindows() && Console.IsOutputRedirected)
        {
            var pipe = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            if (!pipe.CanSeek)
            {
                return pipe;
            }
        }

        // A file may be shared with standard error, so writes must go to its end, wherever that is by now.
        return Console.OpenStandardOutput();
    }

    /// <summary>Writes a markup line; everything that came from a file has been through <see cref="Shown"/>.</summary>
    internal void Line(string markup) => Terminal.MarkupLine(markup);

    /// <summary>Text from outside, safe to write to a terminal and in markup.</summary>
    internal static string Shown(string? text) => Markup.Escape(Clean(text));

    /// <summary>Text from outside without what could steer a terminal or reverse the reading order.</summary>
    internal static string Clean(string? text)
    {
        if (text is null)
        {
            return string.Empty;
        }

        StringBuilder? cleaned = null;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            bool odd = char.IsControl(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator
                or System.Globalization.UnicodeCategory.ParagraphSeparator;
            if (odd)
            {
                cleaned ??= new StringBuilder(text, 0, i, text.Length + 16);
                cleaned.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                cleaned?.Append(c);
            }
        }

        return cleaned?.ToString() ?? text;
    }

    public void Dispose()
    {
        _text.Dispose();
        _errors.Dispose();
    }
}
