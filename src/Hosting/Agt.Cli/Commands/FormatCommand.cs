using System.CommandLine;

namespace Agt.Cli;

/// <summary><c>agt policy fmt</c>: makes the layout of files alike, and nothing else.</summary>
internal static class FormatCommand
{
    internal static Command Create(CliHost host)
    {
        Argument<string[]> paths = CommonOptions.Paths();
        var check = new Option<bool>("--check") { Description = "Write nothing; name the files that are not formatted, and exit with 1 if there is one." };
        var command = new ExampleCommand(
            "fmt",
            "Make the layout of policy files alike: line ends, blanks at their ends, empty lines; JSON also its indentation. Comments, order and meaning stay, which is checked before anything is written.",
            """
            agt policy fmt policies/
            agt policy fmt policies/ --check
            """)
        {
            paths, check,
        };
        command.SetAction(parsed =>
        {
            bool checking = parsed.GetValue(check);
            int changed = 0;
            foreach (string file in parsed.GetRequiredValue(paths).SelectMany(PolicyText.Files))
            {
                PolicyText policy = PolicyText.Read(file);
                string formatted = PolicyFormatter.Format(policy);
                if (formatted == policy.Text)
                {
                    continue;
                }

                changed++;
                if (!checking)
                {
                    InputFile.Replace(file, formatted);
                }

                host.Line($"{CliHost.Shown(file)}: {(checking ? "is not formatted" : "formatted")}");
            }

            return checking && changed > 0 ? ExitCode.Findings : ExitCode.Success;
        });
        return command;
    }
}
