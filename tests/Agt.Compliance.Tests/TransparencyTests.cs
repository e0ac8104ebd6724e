using System.Text.Json;
using Agt.Audit.Stores;
using Agt.Compliance.Transparency;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Compliance.Tests;

public sealed class TransparencyTests : IDisposable
{
    private static readonly Principal Support = new(AgentId.Parse("support-1"), "ann");
    private readonly string _directory = Directory.CreateTempSubdirectory("agt-transparency-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    [Requirement("CMP-204")]
    public async Task A_tool_call_is_denied_until_disclosure_is_confirmed_for_the_session()
    {
        await using ServiceProvider services = Services();
        IGovernance governance = services.GetRequiredService<IGovernance>();
        TransparencyGate gate = services.GetRequiredService<TransparencyGate>();
        await using GovernanceSession session = await governance.OpenSessionAsync(Support, null, CancellationToken.None);
        Assert.Equal((false, "disclosure_required"), await CallAsync(governance, session));
        Assert.True(await gate.ConfirmAsync(session, Disclosures.AiInteraction));
        Assert.True((await CallAsync(governance, session)).Allowed);
        await using GovernanceSession other = await governance.OpenSessionAsync(Support, null, CancellationToken.None);
        Assert.False((await CallAsync(governance, other)).Allowed);
        await session.DisposeAsync();
        Assert.False(await gate.ConfirmAsync(session, Disclosures.AiInteraction));
    }

    [Fact]
    [Requirement("CMP-204")]
    public async Task What_a_request_says_changes_nothing()
    {
        await using ServiceProvider services = Services();
        IGovernance governance = services.GetRequiredService<IGovernance>();
        await using GovernanceSession session = await governance.OpenSessionAsync(Support, null, CancellationToken.None);
        session.AddLabel("disclosure_confirmed");
        foreach (string arguments in new[] { """{"transparency_level":"none"}""", """{"disclosure_confirmed":true,"level":"none"}""" })
        {
            Assert.False((await CallAsync(governance, session, arguments: arguments)).Allowed);
        }
    }

    [Theory]
    [Requirement("CMP-204")]
    [InlineData(DisclosureLevel.None, Disclosures.None)]
    [InlineData(DisclosureLevel.Basic, Disclosures.AiInteraction)]
    [InlineData(DisclosureLevel.Enhanced, Disclosures.AiInteraction | Disclosures.GeneratedContent)]
    [InlineData(DisclosureLevel.Full, Disclosures.AiInteraction | Disclosures.GeneratedContent | Disclosures.Acknowledged)]
    public async Task Each_level_asks_for_more(DisclosureLevel level, Disclosures needed)
    {
        await using ServiceProvider services = Services(options => options.Level = level);
        IGovernance governance = services.GetRequiredService<IGovernance>();
        TransparencyGate gate = services.GetRequiredService<TransparencyGate>();
        await using GovernanceSession session = await governance.OpenSessionAsync(Support, null, CancellationToken.None);
        Assert.Equal(needed, gate.Missing(session, "Orders.Find"));
        foreach (Disclosures flag in Enum.GetValues<Disclosures>().Where(flag => flag != Disclosures.None && (needed & flag) != 0))
        {
            Assert.False((await CallAsync(governance, session)).Allowed);
            await gate.ConfirmAsync(session, flag);
        }

        Assert.True((await CallAsync(governance, session)).Allowed);
    }

    [Fact]
    [Requirement("CMP-204")]
    public async Task Emotion_recognition_needs_a_notice_of_its_own_at_every_level()
    {
        await using ServiceProvider services = Services(options =>
        {
            options.Level = DisclosureLevel.None;
            options.EmotionRecognitionTools.Add("Emotions.*");
        });
        IGovernance governance = services.GetRequiredService<IGovernance>();
        TransparencyGate gate = services.GetRequiredService<TransparencyGate>();
        await using GovernanceSession session = await governance.OpenSessionAsync(Support, null, CancellationToken.None);
        Assert.True((await CallAsync(governance, session)).Allowed);
        Assert.False((await CallAsync(governance, session, "Emotions.Read")).Allowed);
        await gate.ConfirmAsync(session, Disclosures.AiInteraction | Disclosures.GeneratedContent | Disclosures.Acknowledged);
        Assert.False((await CallAsync(governance, session, "Emotions.Read")).Allowed);
        await gate.ConfirmAsync(session, Disclosures.EmotionRecognition);
        Assert.True((await CallAsync(governance, session, "Emotions.Read")).Allowed);
    }

    [Fact]
    [Requirement("CMP-204")]
    public void The_level_of_an_agent_is_that_of_the_longest_name_that_fits()
    {
        var options = new TransparencyOptions { Level = DisclosureLevel.Basic, Agents = { ["support-*"] = DisclosureLevel.Full, ["support-batch-*"] = DisclosureLevel.None, ["support-batch-9"] = DisclosureLevel.Enhanced } };
        Assert.Equal(
            [DisclosureLevel.Basic, DisclosureLevel.Full, DisclosureLevel.None, DisclosureLevel.Enhanced],
            new[] { "billing", "support-1", "support-batch-1", "support-batch-9" }.Select(options.For));
    }

    [Fact]
    [Requirement("CMP-204")]
    public async Task Denials_and_confirmations_are_records_of_the_log()
    {
        await using (ServiceProvider services = Services(audit: true))
        {
            IGovernance governance = services.GetRequiredService<IGovernance>();
            await using GovernanceSession session = await governance.OpenSessionAsync(Support, null, CancellationToken.None);
            await CallAsync(governance, session);
            await services.GetRequiredService<TransparencyGate>().ConfirmAsync(session, Disclosures.AiInteraction);
        }

        using SegmentAuditStore store = SegmentAuditStore.OpenForReading(Path.Combine(_directory, "log"));
        JsonElement[] records = [.. store.ReadLeaves(0, store.Size).Select(leaf => JsonDocument.Parse(leaf).RootElement)];
        Assert.Single(records, record => record.TryGetProperty("reason_code", out JsonElement code) && code.GetString() == "disclosure_required");
        JsonElement disclosed = Assert.Single(records, record => record.GetProperty("event_type").GetString() == "compliance.disclosure");
        Assert.Equal(("support-1", "ai_interaction"), (disclosed.GetProperty("agent_id").GetString(), disclosed.GetProperty("attributes").GetProperty("agt.disclosed").GetString()));
    }

    private ServiceProvider Services(Action<TransparencyOptions>? configure = null, bool audit = false)
    {
        var services = new ServiceCollection();
        IGovernanceBuilder builder = services.AddGovernance(options => options.RequirePolicy = false).AddTransparencyGate(configure).AddTransparencyGate();
        if (audit)
        {
            builder.AddAudit(options =>
            {
                options.Directory = Path.Combine(_directory, "log");
                options.Origin = "log.example/transparency";
            });
        }

        return services.BuildServiceProvider();
    }

    private static async Task<(bool Allowed, string Reason)> CallAsync(IGovernance governance, GovernanceSession session, string tool = "Orders.Find", string arguments = "{}")
    {
        bool ran = false;
        GovernedResult<string> result = await governance.InvokeAsync(
            new GovernedAction(new ActionTemplate(InterventionPoint.PreToolCall, "execute_tool", session.Principal, new ToolIdentity(tool), "test"), session, GovernedValue.FromJson(arguments)),
            () => ran = true,
            static (run, _, _) =>
            {
                run();
                return new ValueTask<string>("done");
            },
            TextCodec.Instance,
            CancellationToken.None);
        Assert.Equal(result.IsAllowed, ran);
        return (result.IsAllowed, result.Decision.Detail.Reason.Code);
    }
}
