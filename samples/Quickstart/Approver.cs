using Agt.Approvals;
using Spectre.Console;

namespace Quickstart;

/// <summary>Asks the person at the keyboard; where there is none, says so and approves, since the refund is not real money.</summary>
internal sealed class Approver(IAnsiConsole console) : IApprovalBroker, IDisposable
{
    private readonly ConsoleApprovalBroker _person = new(approver: "you");

    /// <summary>True while the program only warms up: everything is approved, and nobody is asked.</summary>
    public bool IsWarmUp { get; set; }

    public ValueTask<ApprovalResponse> RequestAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        if (IsWarmUp)
        {
            return new ValueTask<ApprovalResponse>(request.Approve("warm-up"));
        }

        if (!Console.IsInputRedirected)
        {
            return _person.RequestAsync(request, cancellationToken);
        }

        console.MarkupLineInterpolated($"Nobody is at the keyboard: {request.Tool?.Name ?? request.Operation} is approved by the quickstart itself.");
        return new ValueTask<ApprovalResponse>(request.Approve("quickstart"));
    }

    public void Dispose() => _person.Dispose();
}
