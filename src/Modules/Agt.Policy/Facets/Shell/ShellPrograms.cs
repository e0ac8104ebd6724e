using System.Collections.Frozen;

namespace Agt.Policy.Facets.Shell;

/// <summary>Notes the program of one command, and those that it starts in turn.</summary>
internal static class ShellPrograms
{
    private static readonly FrozenSet<string> Shells = new[] { "sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "csh", "tcsh" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Wrappers = new[]
    {
        "sudo", "doas", "su", "env", "nohup", "nice", "ionice", "timeout", "xargs", "parallel", "exec", "command", "builtin", "stdbuf", "setsid", "watch", "busybox", "toybox", "chroot", "unshare", "nsenter",
        "ssh", "script", "strace", "ltrace", "gdb", "flock", "time", "caffeinate", "runuser", "pkexec", "systemd-run", "entr", "start-stop-daemon", "taskset", "chrt", "trap",
    }.ToFrozenSet(StringComparer.Ordinal);

    internal static void Note(ShellFacts facts, List<ShellWord> words, int depth)
    {
        ShellWord first = words[0];
        if (!first.IsFixed || first.Text.Length == 0 || depth > 8)
        {
            facts.AddUnknown();
            return;
        }

        facts.AddProgram(first.Text);
        string program = first.Text[(first.Text.LastIndexOfAny(['/', '\\']) + 1)..].ToLowerInvariant();
        if (program is "eval" or "source" or "." or "alias" or "enable" or "hash")
        {
            facts.AddUnknown();
            if (program == "eval")
            {
                facts.Read(string.Join(' ', words.Skip(1).Select(word => word.Text)), depth + 1);
            }
        }
        else if (Shells.Contains(program))
        {
            NoteShell(facts, words, depth);
        }
        else if (program == "find")
        {
            for (int i = 1; i + 1 < words.Count; i++)
            {
                if (words[i].Text is "-exec" or "-execdir" or "-ok" or "-okdir")
                {
                    int end = words.FindIndex(i + 1, word => word.Text is ";" or "+");
                    end = end < 0 ? words.Count : end;
                    if (end > i + 1)
                    {
                        Note(facts, words[(i + 1)..end], depth + 1);
                    }

                    i = end;
                }
            }
        }
        else if (Wrappers.Contains(program))
        {
            NoteWrapped(facts, words, program, depth);
        }
    }

    private static void NoteShell(ShellFacts facts, List<ShellWord> words, int depth)
    {
        for (int i = 1; i < words.Count; i++)
        {
            string word = words[i].Text;
            if (!words[i].IsFixed)
            {
                facts.AddUnknown();
                return;
            }

            if (word.Length > 1 && word[0] is '-' or '+')
            {
                if (word[0] == '-' && word[1] != '-' && word.Contains('c', StringComparison.Ordinal))
                {
                    if (i + 1 < words.Count && words[i + 1].IsFixed)
                    {
                        facts.Parts++;
                        facts.Read(words[i + 1].Text, depth + 1);
                    }
                    else
                    {
                        facts.AddUnknown();
                    }

                    return;
                }

                continue;
            }

            // A script: what is in the file cannot be seen.
            facts.AddUnknown();
            return;
        }

        // Reads its commands from what is piped into it.
        facts.AddUnknown();
    }

    private static void NoteWrapped(ShellFacts facts, List<ShellWord> words, string program, int depth)
    {
        int next = 1;
        if (program == "env")
        {
            while (next < words.Count && words[next].Text.Contains('=', StringComparison.Ordinal) && words[next].Text[0] != '-')
            {
                facts.AddUnknown();
                next++;
            }
        }
        else if (program == "timeout" && words.Count > 2 && char.IsAsciiDigit(words[1].Text.FirstOrDefault()))
        {
            next = 2;
        }

        if (next >= words.Count)
        {
            if (program is "xargs" or "parallel" or "sudo" or "su" or "env" or "ssh")
            {
                facts.AddUnknown();
            }

            return;
        }

        bool plain = words[next].Text is [not '-', ..] && program is not ("su" or "ssh" or "chroot" or "flock" or "script" or "watch" or "trap" or "start-stop-daemon" or "taskset" or "chrt" or "parallel");
        if (plain && depth < 8)
        {
            Note(facts, words[next..], depth + 1);
            return;
        }

        // Options of many kinds come first: any word behind them may be the program.
        facts.AddUnknown();
        for (int i = next; i < words.Count; i++)
        {
            string word = words[i].Text;
            if (word.Length == 0 || word[0] == '-')
            {
                continue;
            }

            if (word.Contains(' ', StringComparison.Ordinal))
            {
                facts.Read(word, depth + 1);
            }
            else
            {
                facts.AddProgram(word);
            }
        }
    }
}
