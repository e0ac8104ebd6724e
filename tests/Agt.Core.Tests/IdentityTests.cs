namespace Agt.Core.Tests;

public sealed class IdentityTests
{
    [Theory]
    [InlineData("billing-1", true)]
    [InlineData("did:mesh:ab12", true)]
    [InlineData("did:web:example.com%3A8443:user", true)]
    [InlineData("bad agent", false)]
    [InlineData("did:mesh:", false)]
    [InlineData("did::x", false)]
    [InlineData("", false)]
    [InlineData("аgent", false)] // Cyrillic
    [Requirement("ADP-029", "POL-161")]
    [Requirement("ADP-X17")]
    public void An_agent_id_is_plain_or_a_did(string text, bool valid) => Assert.Equal(valid, AgentId.TryParse(text, out _));

    [Theory]
    [InlineData("Files\u200b.Delete")]
    [InlineData("Files\u202e.Delete")]
    [InlineData("Files\u0007")]
    [InlineData("Files\ud800")]
    [InlineData(" ")]
    [Requirement("ADP-025", Partial = "rules of the policy languages compare names as they are; lists know aliases")]
    public void A_tool_name_has_no_invisible_characters(string name) => Assert.ThrowsAny<ArgumentException>(() => new ToolIdentity(name));

    [Fact]
    [Requirement("ADP-025", Partial = "rules of the policy languages compare names as they are; lists know aliases")]
    public void A_tool_name_is_brought_to_nfc_or_refused_where_that_cannot_be_done()
    {
        Assert.Equal("caf\u00e9", new ToolIdentity("caf\u00e9").Name);
        bool normalizes = "e\u0301".Normalize() == "\u00e9";
        if (normalizes)
        {
            Assert.Equal("caf\u00e9", new ToolIdentity("cafe\u0301").Name);
        }
        else
        {
            Assert.Throws<ArgumentException>(() => new ToolIdentity("cafe\u0301"));
        }
    }

    [Fact]
    public void Reason_codes_are_unique_and_own_ones_carry_a_prefix()
    {
        Assert.All(ReasonCodes.All, pair => Assert.Equal(pair.Key, pair.Value.Code));
        Assert.Equal(typeof(ReasonCodes).GetProperties().Count(property => property.PropertyType == typeof(ReasonCode)), ReasonCodes.All.Count);
        Assert.Throws<ArgumentException>(() => new ReasonCode("rule_denied", DenialCategory.RuleDenied, "No."));
        Assert.Throws<ArgumentException>(() => new ReasonCode("Contoso:X", DenialCategory.RuleDenied, "No."));
        Assert.False(new ReasonCode("contoso:quota", DenialCategory.RuleDenied, "No.").IsReserved);
    }

    [Fact]
    public void Plans_are_made_once_per_owner_and_forgotten_when_there_are_many()
    {
        var template = new ActionTemplate(InterventionPoint.Input, "chat", ChainFixture.Agent, null, "test");
        int made = 0;
        object[] owners = [.. Enumerable.Range(0, 9).Select(_ => new object())];

        foreach (object owner in owners)
        {
            template.GetOrAddPlan(owner, (_, _) => ++made);
            template.GetOrAddPlan(owner, (_, _) => ++made);
        }

        Assert.Equal(9, made);
        template.GetOrAddPlan(owners[0], (_, _) => ++made);
        Assert.Equal(10, made);
    }
}
