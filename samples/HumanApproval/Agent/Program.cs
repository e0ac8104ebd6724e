using Agt;
using HumanApproval;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

string address = args.Length > 0 ? args[0] : "http://127.0.0.1:7391/";
string secret = args.Length > 1 ? args[1] : "approval.secret";

var services = new ServiceCollection();
services.AddGovernance(options => options.ApprovalTimeout = TimeSpan.FromMinutes(2))
    .AddPolicy(Path.Combine(AppContext.BaseDirectory, "policy.yaml"))
    .AddWebhookApprovals(options =>
    {
        options.Url = new Uri(address);
        options.Secret = SharedSecret.Load(secret);
        options.AllowPrivateAddresses = true; // The approver sits at this machine.
        options.PollInterval = TimeSpan.FromMilliseconds(500);
        options.MaxFailures = 40; // Time to start the other program.
    });
await using ServiceProvider provider = services.BuildServiceProvider();

AIFunction refund = AIFunctionFactory.Create((string order, int amount) => $"{amount} refunded for {order}", "refund")
    .WithGovernance(provider.GetRequiredService<IGovernance>(), options => options.Agent = AgentId.Parse("refund-desk"));

foreach ((string order, int amount) in new[] { ("A-1", 20), ("A-2", 120), ("A-3", 900) })
{
    Console.WriteLine($"refund {amount} for {order} ...");
    object? answer = await refund.InvokeAsync(new AIFunctionArguments { ["order"] = order, ["amount"] = amount });
    Console.WriteLine($"   {answer}");
}
