using System.ComponentModel;

namespace Mailroom;

/// <summary>The tools of the agent: a mailbox with one letter in it, a customer database, and a way to send mail that only remembers what was sent.</summary>
internal sealed class Office(string letter)
{
    private readonly List<string> _sent = [];

    public IReadOnlyList<string> Sent => _sent;

    [Description("Reads the latest letter.")]
    public string ReadMail() => letter;

    [Description("Finds customers by name; * for all.")]
    public string FindCustomers(string name) => name == "*" ? "Mara Lind, mara@lind.example, 4 orders; Jon Berg, jon@berg.example, 9 orders" : $"{name}, customer since 2019";

    [Description("Sends a mail.")]
    public string SendMail(string to, string body)
    {
        _sent.Add($"to {to}: {body}");
        return "sent";
    }
}
