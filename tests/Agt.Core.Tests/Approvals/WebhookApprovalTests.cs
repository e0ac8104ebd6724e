using System.Net;
using System.Text.Json;
using Agt.Approvals;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests.Approvals;

public sealed class WebhookApprovalTests
{
    private static readonly TestInterceptor Asks = new("asks") { Before = ChainTests.OnTool(_ => Verdict.Escalate("big", ["alice"])) };

    [Fact]
    [Requirement("POL-232", "ADP-117")]
    public async Task A_person_behind_an_address_sees_what_will_run_and_answers_when_ready()
    {
        int polls = 0;
        await using var receiver = await ApprovalReceiver.StartAsync((message, response) =>
        {
            if (message.GetProperty("type").GetString() == "approval.requested" || ++polls < 3)
            {
                response.StatusCode = 202;
                return null;
            }

            byte[] body = ApprovalReceiver.Answer("approve", message);
            ApprovalReceiver.Sign(response, message.GetProperty("id").GetString()!, body);
            return body;
        });

        (GovernedResult<string> result, string? approver) = await RunAsync(receiver);

        Assert.True(result.IsAllowed);
        Assert.Equal("ann", approver);
        JsonElement asked = receiver.Messages.First();
        Assert.Equal(("agt.approval/1", "Files.Delete", "/data/a"), (asked.GetProperty("schema").GetString(), asked.GetProperty("tool").GetString(), asked.GetProperty("arguments").GetProperty("path").GetString()));
        Assert.Equal("alice", asked.GetProperty("asked_by")[0].GetProperty("approvers")[0].GetString());
        Assert.Equal(4, receiver.Messages.Count);
        Assert.All(receiver.Signed, Assert.True);
    }

    [Theory]
    [Requirement("POL-232", "ADP-111", "ADP-112")]
    [InlineData("deny", "approval_denied")]
    [InlineData("unsigned", "approval_resolver_failed")]
    [InlineData("other secret", "approval_resolver_failed")]
    [InlineData("old", "approval_resolver_failed")]
    [InlineData("for another request", "approval_resolver_failed")]
    [InlineData("the request reflected", "approval_resolver_failed")]
    [InlineData("other ticket", "approval_action_mismatch")]
    [InlineData("by the agent itself", "approval_resolver_failed")]
    [InlineData("no JSON", "approval_resolver_failed")]
    [InlineData("maybe", "approval_resolver_failed")]
    [InlineData("too long", "approval_resolver_failed")]
    [InlineData("redirect", "approval_resolver_failed")]
    [InlineData("not found", "approval_resolver_failed")]
    public async Task Whatever_is_not_a_signed_yes_refuses(string answer, string reason)
    {
        await using var receiver = await ApprovalReceiver.StartAsync((message, response) =>
        {
            string id = message.GetProperty("id").GetString()!;
            byte[] body = answer switch
            {
                "deny" => ApprovalReceiver.Answer("deny", message),
                "by the agent itself" => ApprovalReceiver.Answer("approve", message, "billing-1"),
                "other ticket" => ApprovalReceiver.Answer("approve", JsonDocument.Parse("""{"ticket":"x"}""").RootElement),
                "the request reflected" => JsonSerializer.SerializeToUtf8Bytes(message),
                "no JSON" => [1, 2, 3],
                "maybe" => ApprovalReceiver.Answer("maybe", message),
                "too long" => new byte[100_000],
                _ => ApprovalReceiver.Answer("approve", message),
            };
            switch (answer)
            {
                case "unsigned":
                    break;
                case "other secret":
                    ApprovalReceiver.Sign(response, id, body, secret: new byte[32]);
                    break;
                case "old":
                    ApprovalReceiver.Sign(response, id, body, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 400);
                    break;
                case "for another request":
                    ApprovalReceiver.Sign(response, "another", body);
                    break;
                case "redirect":
                    response.Redirect("http://127.0.0.1:1/");
                    return null;
                case "not found":
                    response.StatusCode = 404;
                    return null;
                default:
                    ApprovalReceiver.Sign(response, id, body);
                    break;
            }

            return body;
        });

        Assert.Equal(reason, (await RunAsync(receiver)).Result.Decision.Reason.Code);
        Assert.Single(receiver.Messages);
    }

    [Fact]
    [Requirement("POL-232")]
    public async Task A_receiver_that_stumbles_is_asked_again_and_one_that_stays_down_refuses()
    {
        int asked = 0;
        await using var receiver = await ApprovalReceiver.StartAsync((message, response) =>
        {
            if (++asked < 3)
            {
                response.StatusCode = 503;
                return null;
            }

            byte[] body = ApprovalReceiver.Answer("approve", message);
            ApprovalReceiver.Sign(response, message.GetProperty("id").GetString()!, body);
            return body;
        });
        Assert.True((await RunAsync(receiver)).Result.IsAllowed);
        Assert.All(receiver.Messages, message => Assert.Equal("approval.requested", message.GetProperty("type").GetString()));

        await using var down = await ApprovalReceiver.StartAsync((_, response) =>
        {
            response.StatusCode = 500;
            return null;
        });
        Assert.Equal(ReasonCodes.ApprovalResolverFailed, (await RunAsync(down)).Result.Decision.Reason);
        Assert.Equal(6, down.Messages.Count);
    }

    [Fact]
    [Requirement("POL-232")]
    public async Task Nobody_is_left_with_a_question_whose_asker_has_gone()
    {
        var withdrawn = new TaskCompletionSource();
        var waiting = new TaskCompletionSource();
        await using var receiver = await ApprovalReceiver.StartAsync((message, response) =>
        {
            response.StatusCode = 202;
            (message.GetProperty("type").GetString() == "approval.withdrawn" ? withdrawn : waiting).TrySetResult();
            return null;
        });
        using ServiceProvider host = Host(receiver.Url);
        using var caller = new CancellationTokenSource();
        Task<GovernedResult<string>> running = RunAsync(host, caller.Token);
        await waiting.Task;
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await withdrawn.Task;
    }

    [Theory]
    [Requirement("POL-232")]
    [InlineData("https://127.0.0.1:1/", false)]
    [InlineData("https://[::1]:1/", false)]
    [InlineData("https://localhost:1/", false)]
    public async Task Private_addresses_are_not_connected_to(string url, bool allowed)
    {
        using var broker = new WebhookApprovalBroker(new WebhookApprovalOptions { Url = new Uri(url), Secret = ApprovalReceiver.Secret, AllowPrivateAddresses = allowed, MaxFailures = 0 });
        using var chain = new ChainFixture(builder => builder.AddApprovals(broker), Asks);
        Assert.Equal(ReasonCodes.ApprovalResolverFailed, (await chain.RunAsync()).Decision.Reason);
        Assert.Contains(chain.Logs.GetSnapshot(), record => record.Exception?.ToString().Contains("public internet", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700:4700::1111", true)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.0.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("2001:0:1::", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    public void Public_addresses_are_told_from_others(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddresses.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("http://example.com/")]
    [InlineData("http://127.0.0.1/")]
    [InlineData("https://user:password@example.com/")]
    [InlineData("ftp://example.com/")]
    public void Addresses_that_are_not_safe_are_refused_at_start(string url) =>
        Assert.Throws<ArgumentException>(() => new WebhookApprovalBroker(new WebhookApprovalOptions { Url = new Uri(url), Secret = ApprovalReceiver.Secret }));

    [Fact]
    public void Secrets_that_are_short_are_refused_and_a_signature_holds_for_its_own_message_only()
    {
        Assert.Throws<ArgumentException>(() => new WebhookApprovalBroker(new WebhookApprovalOptions { Url = new Uri("https://example.com/"), Secret = new byte[31] }));
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(1_767_225_600);
        string signature = WebhookSignature.Sign(ApprovalReceiver.Secret, "a", 1_767_225_600, "{}"u8);
        Assert.True(WebhookSignature.Verify(ApprovalReceiver.Secret, "a", "1767225600", "v1,xx " + signature, "{}"u8, now));
        Assert.False(WebhookSignature.Verify(ApprovalReceiver.Secret, "b", "1767225600", signature, "{}"u8, now));
        Assert.False(WebhookSignature.Verify(ApprovalReceiver.Secret, "a", "1767225601", signature, "{}"u8, now));
        Assert.False(WebhookSignature.Verify(ApprovalReceiver.Secret, "a", "1767225600", signature, "{ }"u8, now));
        Assert.False(WebhookSignature.Verify(ApprovalReceiver.Secret, "a", "1767225600", signature, "{}"u8, now.AddSeconds(301)));
    }

    private static ServiceProvider Host(Uri url)
    {
        var services = new ServiceCollection();
        services.AddGovernance(options => options.RequirePolicy = false).AddInterceptor(Asks).AddWebhookApprovals(options =>
        {
            options.Url = url;
            options.Secret = ApprovalReceiver.Secret;
            options.AllowPrivateAddresses = true;
            options.PollInterval = TimeSpan.FromMilliseconds(100);
        });
        return services.BuildServiceProvider();
    }

    private static async Task<(GovernedResult<string> Result, string? Approver)> RunAsync(ApprovalReceiver receiver)
    {
        using ServiceProvider host = Host(receiver.Url);
        GovernedResult<string> result = await RunAsync(host, CancellationToken.None);
        return (result, host.GetRequiredService<Agt.Audit.InMemoryDecisionLog>().Snapshot().FirstOrDefault(record => record.Approver is not null)?.Approver);
    }

    private static async Task<GovernedResult<string>> RunAsync(ServiceProvider host, CancellationToken cancellationToken)
    {
        IGovernance governance = host.GetRequiredService<IGovernance>();
        await using GovernanceSession session = await governance.OpenSessionAsync(ChainFixture.Agent, null, CancellationToken.None);
        var tool = new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", ChainFixture.Agent, new ToolIdentity("Files.Delete"), "test");
        return await governance.InvokeAsync(
            new GovernedAction(tool, session, ChainFixture.Arguments), 0, static (_, _, _) => new ValueTask<string>("done"), TextCodec.Instance, cancellationToken);
    }
}
