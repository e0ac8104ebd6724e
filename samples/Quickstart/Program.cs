using System.Diagnostics;
using Agt;
using Agt.Audit;
using Agt.Audit.Notes;
using Agt.Audit.Stores;
using Agt.Audit.Verification;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Quickstart;
using Spectre.Console;

IAnsiConsole console = AnsiConsole.Console;
if (!console.Profile.Out.IsTerminal)
{
    console.Profile.Width = 140;
}

using var log = new TimedLog();
using var approver = new Approver(console);

// The log goes with the program, unless it is told where to keep it.
string? kept = args is ["--audit", var directory] ? directory : null;
string audit = kept ?? Directory.CreateTempSubdirectory("agt-quickstart-").FullName;

// Governance: one policy file, a person for approvals, a log that can be verified.
var services = new ServiceCollection();
// (No bound on how often an agent may ask: the warm-up below asks a thousand times.)
services.AddGovernance(options => options.MaxApprovalsPerMinute = null)
    .AddPolicy(Path.Combine(AppContext.BaseDirectory, "policy.yaml"))
    .AddApprovals(approver)
    .AddAudit(audit)
    .UseDecisionLog(log);
await using ServiceProvider provider = services.BuildServiceProvider();
IGovernance governance = provider.GetRequiredService<IGovernance>();

console.MarkupLineInterpolated($"Agents driven by: {Models.Description}");
console.WriteLine();
await WarmUpAsync();
AuditLog auditLog = provider.GetRequiredService<AuditLog>();
log.Next = new AuditDecisionLog(auditLog);
using var workplace = new Workplace();
string semanticKernel = await RunSemanticKernelAsync(workplace);
string extensionsAI = await RunExtensionsAIAsync(workplace);
DecisionTable.Show(console, log);
console.WriteLine();
console.MarkupLineInterpolated($"Semantic Kernel agent: {semanticKernel}");
console.MarkupLineInterpolated($"Extensions.AI agent:   {extensionsAI}");
console.MarkupLineInterpolated($"In the database: {workplace.Refunded} refunded. In the folder: {workplace.Files} file(s), none deleted.");
await VerifyAsync();
return 0;

// What an auditor does: read the log again, hash every record, and hold the tree against the signed checkpoint.
async Task VerifyAsync()
{
    await auditLog.FlushAsync();
    auditLog.Publish();
    using (SegmentAuditStore store = SegmentAuditStore.OpenForReading(audit))
    {
        LogVerification result = new LogVerifier(store, TrustPolicy.Of(auditLog.Key)).Verify();
        console.MarkupLineInterpolated($"In the audit log: {result.EntriesVerified} records, {(result.IsValid ? "verified" : "not what was signed: " + result.Error)}.");
    }

    if (kept is not null)
    {
        console.MarkupLineInterpolated($"Verify it again: agt audit verify {kept} --vkey {Path.Combine(kept, "log.key.pub")}");
        return;
    }

    await provider.DisposeAsync();
    Directory.Delete(audit, recursive: true);
    File.Delete(audit + ".checkpoint");
}

// The first calls of a program are slow for everyone: the same is done to another workplace for a second, so that the times shown are those of a running service.
async Task WarmUpAsync()
{
    if (Models.IsReal)
    {
        return;
    }

    approver.IsWarmUp = true;
    using var another = new Workplace();
    for (var time = Stopwatch.StartNew(); time.ElapsedMilliseconds < 1_000;)
    {
        await RunSemanticKernelAsync(another);
        await RunExtensionsAIAsync(another);
    }

    approver.IsWarmUp = false;
    log.Clear();
}

// An agent on Semantic Kernel: real kernel functions, called in its automatic loop.
async Task<string> RunSemanticKernelAsync(Workplace workplace)
{
    IChatClient model = Models.Create(
        ("Orders_Find", new() { ["order"] = "A-10442" }),
        ("Refunds_Issue", new() { ["order"] = "A-10442", ["amount"] = 120.0 }),
        ("Refunds_Issue", new() { ["order"] = "A-10442", ["amount"] = 620.0 }),
        ("Files_Delete", new() { ["path"] = "notes/call.txt" }));
    IKernelBuilder builder = Kernel.CreateBuilder();
    builder.Services.AddSingleton(model.AsBuilder().UseKernelFunctionInvocation().Build());
    Kernel kernel = builder.Build().AddGovernance(governance, options =>
    {
        options.Agent = AgentId.Parse("support");
        options.Tools["Orders.Find"] = new ToolDeclaration(ToolEffects.Reads);
    });
    kernel.Plugins.AddFromFunctions("Orders", [KernelFunctionFactory.CreateFromMethod(workplace.FindOrder, "Find")]);
    kernel.Plugins.AddFromFunctions("Refunds", [KernelFunctionFactory.CreateFromMethod(workplace.IssueRefund, "Issue")]);
    kernel.Plugins.AddFromFunctions("Files", [KernelFunctionFactory.CreateFromMethod(workplace.DeleteFile, "Delete")]);

    var settings = new PromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };
    FunctionResult answer = await kernel.InvokePromptAsync("Find order A-10442, refund 120 and then 620, and delete the note about it.", new(settings));
    return answer.ToString();
}

// An agent on Microsoft.Extensions.AI: the same tools as functions of a chat client.
async Task<string> RunExtensionsAIAsync(Workplace workplace)
{
    IChatClient model = Models.Create(
        ("find_order", new() { ["order"] = "A-10442" }),
        ("read_file", new() { ["path"] = "notes/call.txt" }),
        ("read_file", new() { ["path"] = "notes/../shop.db" }),
        ("delete_file", new() { ["path"] = "notes/call.txt" }));
    IChatClient client = model.AsBuilder().UseGovernance(governance, options => options.Agent = AgentId.Parse("assistant")).Build();
    var options = new ChatOptions
    {
        Tools =
        [
            AIFunctionFactory.Create(workplace.FindOrder, "find_order"),
            AIFunctionFactory.Create(workplace.IssueRefund, "issue_refund"),
            AIFunctionFactory.Create(workplace.ReadFile, "read_file"),
            AIFunctionFactory.Create(workplace.DeleteFile, "delete_file"),
        ],
    };
    ChatResponse answer = await client.GetResponseAsync("Find order A-10442, read the note about it and the database file, then delete the note.", options);
    return answer.Text;
}
