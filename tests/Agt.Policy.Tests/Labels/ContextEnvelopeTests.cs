using Agt.Policy.Classification;
using Agt.Policy.Labels;
using CsCheck;

namespace Agt.Policy.Tests.Labels;

/// <summary>What a piece of work holds grows, and decides what may come next.</summary>
public sealed class ContextEnvelopeTests
{
    private static readonly ContextRules Rules = new(
        [
            new ContextRule(["name", "diagnosis"], DataClass.Restricted, [ContextRestrictions.NoExternalExport]),
            new ContextRule(["board"], DataClass.Confidential, [ContextRestrictions.NoExternalDelegation, ContextRestrictions.NoMemoryWrite]),
        ]);

    private static readonly string[] Labels = ["name", "diagnosis", "board", "x", "y"];

    [Fact]
    [Requirement("POL-245")]
    public void Each_step_gives_a_new_envelope_and_leaves_the_old_one_alone()
    {
        ContextEnvelope folded = ContextEnvelope.Empty.Fold(["b", " a "], DataClass.Internal);
        ContextEnvelope restricted = folded.Restrict(["r"]);
        Assert.Equal((0, DataClass.Public, 0, 0), (ContextEnvelope.Empty.Version, ContextEnvelope.Empty.Sensitivity, ContextEnvelope.Empty.Labels.Count, ContextEnvelope.Empty.Restrictions.Count));
        Assert.Equal((1, DataClass.Internal), (folded.Version, folded.Sensitivity));
        Assert.Equal(["a", "b"], folded.Labels);
        Assert.Empty(folded.Restrictions);
        Assert.Equal((2, DataClass.Internal), (restricted.Version, restricted.Sensitivity));
        Assert.Equal(["r"], restricted.Restrictions);
        Assert.Equal(DataClass.Internal, folded.Fold([], DataClass.Public).Sensitivity);
        Assert.Equal(DataClass.TopSecret, folded.Fold([], (DataClass)42).Sensitivity);
        Assert.Throws<ArgumentException>(() => folded.Fold([" "], DataClass.Public));
        Assert.Throws<ArgumentException>(() => folded.Restrict([""]));
    }

    [Fact]
    [Requirement("POL-245", "POL-246")]
    public void Whatever_is_folded_and_restricted_nothing_is_ever_lost() => Gen.Select(
        Gen.Int[0, 4].Select(place => Labels[place]).Array[0, 4], Gen.Int[0, 4].Select(place => (DataClass)place), Gen.Int[0, 3]).Array[0, 20].Sample(steps =>
    {
        ContextEnvelope envelope = ContextEnvelope.Empty;
        foreach ((string[] labels, DataClass sensitivity, int kind) in steps)
        {
            ContextEnvelope next = kind switch
            {
                0 => envelope.Fold(labels, sensitivity),
                1 => envelope.Restrict(labels),
                2 => Rules.Accumulate(envelope, labels, sensitivity),
                _ => envelope.ForChild(labels),
            };
            Assert.Subset(next.Labels.ToHashSet(StringComparer.Ordinal), envelope.Labels.ToHashSet(StringComparer.Ordinal));
            Assert.Subset(next.Restrictions.ToHashSet(StringComparer.Ordinal), envelope.Restrictions.ToHashSet(StringComparer.Ordinal));
            Assert.True(next.Sensitivity >= envelope.Sensitivity);
            Assert.Equal(kind switch { 2 => envelope.Version + 2, 3 => 0, _ => envelope.Version + 1 }, next.Version);
            envelope = next;
        }
    });

    [Fact]
    [Requirement("POL-246")]
    public void A_rule_fires_when_all_its_labels_have_come_together()
    {
        ContextEnvelope one = Rules.Accumulate(ContextEnvelope.Empty, ["name"], DataClass.Internal);
        Assert.Equal((2, DataClass.Internal, 0), (one.Version, one.Sensitivity, one.Restrictions.Count));
        ContextEnvelope both = Rules.Accumulate(one, ["diagnosis"], DataClass.Public);
        Assert.Equal((4, DataClass.Restricted), (both.Version, both.Sensitivity));
        Assert.Equal([ContextRestrictions.NoExternalExport], both.Restrictions);
        ContextEnvelope all = Rules.Accumulate(both, ["board"], DataClass.TopSecret);
        Assert.Equal(DataClass.TopSecret, all.Sensitivity);
        Assert.Equal(3, all.Restrictions.Count);
    }

    [Theory]
    [Requirement("POL-247")]
    [InlineData("a,b", DataClass.Public, "", ContextAction.Export, ContextOutcome.Allow)]
    [InlineData("a,b,c", DataClass.Public, "", ContextAction.Other, ContextOutcome.Escalate)]
    [InlineData("a,b,c", DataClass.TopSecret, "no_external_export", ContextAction.Export, ContextOutcome.Escalate)]
    [InlineData("a,b,board", DataClass.Public, "", ContextAction.Other, ContextOutcome.Allow)]
    [InlineData("a,b,board", DataClass.Public, "", ContextAction.Export, ContextOutcome.Allow)]
    [InlineData("a,b,board", DataClass.Public, "", ContextAction.Delegate, ContextOutcome.Constrain)]
    [InlineData("board", DataClass.Public, "", ContextAction.MemoryWrite, ContextOutcome.Constrain)]
    [InlineData("a", DataClass.Public, "no_external_export", ContextAction.Export, ContextOutcome.Constrain)]
    [InlineData("a", DataClass.Public, "no_external_export", ContextAction.Delegate, ContextOutcome.Allow)]
    [InlineData("a", DataClass.Public, "no_external_delegation", ContextAction.Delegate, ContextOutcome.Constrain)]
    [InlineData("a", DataClass.Public, "no_memory_write", ContextAction.MemoryWrite, ContextOutcome.Constrain)]
    [InlineData("a", DataClass.Confidential, "", ContextAction.Export, ContextOutcome.Allow)]
    [InlineData("a", DataClass.Restricted, "", ContextAction.Export, ContextOutcome.Constrain)]
    [InlineData("a", DataClass.TopSecret, "", ContextAction.MemoryWrite, ContextOutcome.Constrain)]
    [InlineData("a", DataClass.TopSecret, "no_external_export", ContextAction.Other, ContextOutcome.Allow)]
    [InlineData("name,diagnosis", DataClass.Public, "", ContextAction.Delegate, ContextOutcome.Constrain)]
    public void What_comes_next_follows_from_what_is_held(string labels, DataClass sensitivity, string restrictions, ContextAction action, ContextOutcome outcome)
    {
        ContextEnvelope envelope = ContextEnvelope.Empty.Fold(labels.Split(','), sensitivity).Restrict(restrictions.Split(',', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(outcome, Rules.Next(envelope, action).Outcome);
    }

    [Theory]
    [Requirement("POL-248")]
    [InlineData("r", true, null, ContextOutcome.Allow)]
    [InlineData("", true, null, ContextOutcome.Allow)]
    [InlineData("r", false, null, ContextOutcome.Deny)]
    [InlineData("", false, "", ContextOutcome.Deny)]
    [InlineData("r,s", false, "r", ContextOutcome.Deny)]
    [InlineData("r,s", false, "r,s", ContextOutcome.Allow)]
    public void What_is_constrained_goes_on_only_when_its_obligations_are_seen_to(string obligations, bool channel, string? satisfied, ContextOutcome outcome)
    {
        var decision = new ContextDecision(ContextOutcome.Constrain, "a") { Obligations = obligations.Split(',', StringSplitOptions.RemoveEmptyEntries) };
        Assert.Equal(outcome, decision.Resolve(channel, satisfied is null ? null : obligation => satisfied.Split(',').Contains(obligation)));
        foreach (ContextOutcome other in (ContextOutcome[])[ContextOutcome.Allow, ContextOutcome.Escalate, ContextOutcome.Deny])
        {
            Assert.Equal(other, new ContextDecision(other, "b").Resolve(channel, _ => true));
        }
    }

    [Fact]
    [Requirement("POL-248")]
    public void A_child_has_the_restrictions_of_its_parent_and_its_own()
    {
        ContextEnvelope parent = ContextEnvelope.Empty.Fold(["a"], DataClass.Confidential).Restrict(["p"]);
        ContextEnvelope child = parent.ForChild(["c", "p"]);
        Assert.Equal(["c", "p"], child.Restrictions);
        Assert.Equal(["a"], child.Labels);
        Assert.Equal(DataClass.Confidential, child.Sensitivity);
        Assert.Equal(["p"], parent.Restrictions);
    }

    [Fact]
    [Requirement("POL-248")]
    public void What_is_held_closely_but_not_restricted_has_no_obligation_that_could_be_satisfied()
    {
        ContextDecision decision = Rules.Next(ContextEnvelope.Empty.Fold(["a"], DataClass.Restricted), ContextAction.Export);
        Assert.Empty(decision.Obligations);
        Assert.Equal(ContextOutcome.Deny, decision.Resolve(hasObligationChannel: false, _ => true));
    }

    [Fact]
    public void Rules_that_would_always_fire_or_cannot_be_read_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ContextRule([]));
        Assert.Throws<ArgumentException>(() => new ContextRule([" "]));
        Assert.Throws<ArgumentException>(() => new ContextRule(["a"], (DataClass)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ContextRules([], 0));
    }
}
