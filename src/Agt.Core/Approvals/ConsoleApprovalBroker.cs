using System.Globalization;
using System.Text;
using Agt.Values;

namespace Agt.Approvals;

/// <summary>
/// Asks the person at the terminal: shows the tool, the arguments as they will run and the rule, and waits for <c>y</c>. Anything else, the end of input, or arguments longer than 64,000 characters, is a refusal.
/// </summary>
/// <remarks>One request at a time; others wait. Control characters are shown escaped, so that arguments cannot repaint the screen. For development; approvers are not authenticated.</remarks>
public sealed class ConsoleApprovalBroker : IApprovalBroker, IDisposable
{
    private const int MaxShown = 64_000;
    private readonly TextReader _input;
    private readonly TextWriter _output;
    private readonly string _approver;
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Creates the broker.</summary>
    /// <param name="input">Where answers come from; null for the console.</param>
    /// <param name="output">Where questions go; null for the console.</param>
    /// <param name="approver">The name to record; null for the console user.</param>
    public ConsoleApprovalBroker(TextReader? input = null, TextWriter? output = null, string? approver = null)
    {
        _input = input ?? Console.In;
        _output = output ?? Console.Out;
        _approver = approver ?? "console:" + Environment.UserName;
    }

    /// <inheritdoc />
    public async ValueTask<ApprovalResponse> RequestAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        string payload = request.Payload.IsAbsent ? "(none)" : CanonicalJson.ToString(request.Payload);
        if (payload.Length > MaxShown)
        {
            // Nobody approves what they were not shown.
            return request.Reject(_approver, "too long to be shown");
        }

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _output.WriteAsync(Describe(request, payload).AsMemory(), cancellationToken).ConfigureAwait(false);
            await _output.FlushAsync(cancellationToken).ConfigureAwait(false);
            string? answer = await _input.ReadLineAsync(cancellationToken).ConfigureAwait(false);
            return answer?.Trim() is "y" or "Y" or "yes" ? request.Approve(_approver) : request.Reject(_approver, answer is null ? "end of input" : null);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Releases the turn.</summary>
    public void Dispose() => _turn.Dispose();

    private static string Describe(ApprovalRequest request, string payload)
    {
        var text = new StringBuilder();
        text.Append("\nApproval needed: ").Append(Visible(request.Tool?.Name ?? request.Operation))
            .Append(" for agent ").Append(Visible(request.Principal.Agent.Value)).Append('\n');
        text.Append("  arguments  ").Append(Visible(payload)).Append('\n');
        foreach (Contribution escalation in request.Escalations)
        {
            text.Append("  rule       ").Append(Visible(escalation.Verdict.Detail?.Rule ?? escalation.Interceptor));
            if (escalation.Verdict.Detail?.Explanation is { } why)
            {
                text.Append(": ").Append(Visible(why));
            }

            text.Append('\n');
        }

        text.Append(CultureInfo.InvariantCulture, $"  expires    {request.ExpiresAt:u}\n").Append("Approve? [y/N] ");
        return text.ToString();
    }

    private static string Visible(string text)
    {
        var shown = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            }
            else
            {
                shown.Append(rune);
            }
        }

        return shown.ToString();
    }
}
