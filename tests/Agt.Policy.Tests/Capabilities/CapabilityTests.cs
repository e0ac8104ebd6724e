using CsCheck;
using Agt.Policy.Capabilities;
using Agt.Policy.Tests.Evaluation;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Agt.Policy.Tests.Capabilities;

public sealed class CapabilityTests
{
    private static readonly AgentId Agent = AgentId.Parse("agent-1");
    private static readonly Gen<string> Some = Gen.OneOf("a", "b", "*").Array[2, 4].Select(parts => string.Join(':', parts));

    [Theory]
    [Requirement("POL-190", "POL-191", "POL-192", "POL-X12")]
    [InlineData("read:data", "read:data", true)]
    [InlineData("read:data", "read:data:x", true)]
    [InlineData("read:data", "read:database", false)]
    [InlineData("read:data:x", "read:data", false)]
    [InlineData("read:*", "read:data", true)]
    [InlineData("read:*", "read:data:x:y", true)]
    [InlineData("read:data:*", "read:data", false)]
    [InlineData("*:data", "write:data", true)]
    [InlineData("read:*:x", "read:data:x", true)]
    [InlineData("read:*:x", "read:data:y", false)]
    [InlineData("a:b:c", "a:b", false)]
    [InlineData("a:b", "a:*", false)]
    [InlineData("a:b", "*", false)]
    [InlineData("execute:tools:calculator", "execute:tools", false)]
    [InlineData("read:data", "Read:data", false)]
    public void Capabilities_are_compared_part_by_part(string grant, string request, bool covers)
    {
        var registry = new CapabilityRegistry();
        registry.Grant(Grant(grant));
        Assert.Equal(covers, registry.Check(Agent, request).IsGranted);
    }

    [Theory]
    [Requirement("POL-190")]
    [InlineData("read")]
    [InlineData("")]
    [InlineData("read:")]
    [InlineData(":data")]
    [InlineData("read:da ta")]
    [InlineData("read:da*")]
    [InlineData("a:b:c:d:e:f:g:h:i:j:k:l:m:n:o:p:q")]
    [InlineData("*")]
    public void What_is_no_capability_is_refused_as_a_grant_and_denied_as_a_request(string text)
    {
        Assert.Throws<FormatException>(() => Capability.Parse(text));
        var registry = new CapabilityRegistry();
        registry.Grant(Grant("*:*"));
        Assert.False(registry.Check(Agent, text).IsGranted);
    }

    [Fact]
    [Requirement("POL-190")]
    public void Everything_is_granted_by_administrators_only()
    {
        var registry = new CapabilityRegistry();
        Assert.Throws<ArgumentException>(() => registry.Grant(new CapabilityGrant { Capability = Capability.Everything, Grantee = Agent, Grantor = "g" }));
        registry.Grant(new CapabilityGrant { Capability = Capability.Everything, Grantee = Agent, Grantor = "g" }, isAdmin: true);
        Assert.True(registry.Check(Agent, "any:thing").IsGranted);
        Assert.True(registry.Check(Agent, "*").IsGranted);
    }

    [Fact]
    [Requirement("POL-192", "POL-X12")]
    public void A_narrower_capability_never_satisfies_a_broader_request() => Gen.Select(Some, Some, Some).Sample(
        (narrow, broad, other) =>
        {
            Capability one = Capability.Parse(narrow);
            Capability two = Capability.Parse(broad);
            if (one.Covers(two) && !two.Covers(one))
            {
                // What covers is the broader: whatever it is covered by covers the other too.
                Capability three = Capability.Parse(other);
                Assert.True(!three.Covers(one) || three.Covers(two));
            }

            // A request with a star, or a shorter one, is broader than a name: only a star, or something as short, covers it.
            string[] have = narrow.Split(':');
            string[] want = broad.Split(':');
            bool expected = have.Length <= want.Length && have.Zip(want).All(pair => pair.First == "*" || pair.First == pair.Second);
            Assert.Equal(expected, one.Covers(two));
            Assert.True(!one.Covers(two) || one.Overlaps(two));
        },
        iter: 20_000);

    [Fact]
    [Requirement("POL-194", "POL-196")]
    public void Denials_win_whatever_is_granted_in_whatever_order()
    {
        Gen.Select(Some.Array[0, 4], Some.Array[0, 3], Some, Gen.Bool).Sample(
            (grants, denials, request, denialsFirst) =>
            {
                var registry = new CapabilityRegistry();
                Action[] steps = [() => Array.ForEach(grants, grant => registry.Grant(Grant(grant))), () => Array.ForEach(denials, denial => registry.Deny(Grant(denial)))];
                steps[denialsFirst ? 1 : 0]();
                steps[denialsFirst ? 0 : 1]();
                Capability wanted = Capability.Parse(request);
                bool denied = denials.Any(denial => Capability.Parse(denial).Overlaps(wanted));
                bool granted = grants.Any(grant => Capability.Parse(grant).Covers(wanted));
                Assert.Equal(granted && !denied, registry.Check(Agent, request).IsGranted);
            },
            iter: 5_000);
        var stopped = new CapabilityRegistry();
        stopped.Grant(Grant("write:data"));
        stopped.Deny(Grant("write:*"));
        Assert.False(stopped.Check(Agent, "write:data").IsGranted);
        Assert.False(new CapabilityRegistry().Check(Agent, "read:data").IsGranted);
    }

    [Fact]
    [Requirement("POL-193", "POL-X12")]
    public void A_grant_for_some_resources_needs_one_of_them_named()
    {
        var registry = new CapabilityRegistry();
        registry.Grant(Grant("read:file") with { ResourceIds = new HashSet<string> { "a", "b" } });
        Assert.True(registry.Check(Agent, "read:file", "a").IsGranted);
        Assert.False(registry.Check(Agent, "read:file", "c").IsGranted);
        Assert.False(registry.Check(Agent, "read:file").IsGranted);
        registry.Deny(Grant("read:file") with { ResourceIds = new HashSet<string> { "a" } });
        Assert.False(registry.Check(Agent, "read:file", "a").IsGranted);
        Assert.True(registry.Check(Agent, "read:file", "b").IsGranted);
    }

    [Fact]
    [Requirement("POL-195")]
    public void Grants_expire_are_revoked_and_belong_to_one_agent()
    {
        var time = new FakeTimeProvider();
        var registry = new CapabilityRegistry(time);
        registry.Grant(Grant("a:b") with { Id = "one", ExpiresAt = time.GetUtcNow().AddMinutes(1) });
        registry.Grant(Grant("c:d") with { Grantor = "bob" });
        registry.Grant(Grant("e:f") with { Grantor = "bob" });
        registry.Deny(Grant("g:h") with { Grantor = "bob" });
        Assert.Throws<ArgumentException>(() => registry.Grant(Grant("x:y") with { Id = "one" }));
        Assert.False(registry.Check(AgentId.Parse("other"), "a:b").IsGranted);
        Assert.True(registry.Check(Agent, "a:b").IsGranted);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(registry.Check(Agent, "a:b").IsGranted);
        Assert.Equal((true, false), (registry.Revoke("one"), registry.Revoke("one")));
        Assert.Equal(["c:d", "e:f"], registry.Filter(Agent, ["c:d", "x:y", "e:f"]));
        Assert.Equal((2, 0), (registry.RevokeByGrantor("bob"), registry.RevokeByGrantor("bob")));
        registry.Grant(Grant("g:h"));
        Assert.Equal(1, registry.RevokeAll());
        Assert.False(registry.Check(Agent, "g:h").IsGranted);
    }

    [Fact]
    [Requirement("POL-197")]
    public void A_condition_bounds_the_arguments_and_one_that_misses_its_argument_fails()
    {
        var registry = new CapabilityRegistry();
        registry.Grant(Grant("pay:invoice") with { Condition = "args.amount <= 100" });
        Assert.True(registry.Check(Agent, "pay:invoice", null, GovernedValue.FromJson("""{"amount":100}""")).IsGranted);
        Assert.False(registry.Check(Agent, "pay:invoice", null, GovernedValue.FromJson("""{"amount":101}""")).IsGranted);
        Assert.False(registry.Check(Agent, "pay:invoice", null, GovernedValue.FromJson("{}")).IsGranted);
        Assert.False(registry.Check(Agent, "pay:invoice", null, GovernedValue.FromJson("""{"amount":"1"}""")).IsGranted);
        Assert.False(registry.Check(Agent, "pay:invoice").IsGranted);
        registry.Deny(Grant("pay:invoice") with { Condition = "args.note > 5" });
        Assert.False(registry.Check(Agent, "pay:invoice", null, GovernedValue.FromJson("""{"amount":1,"note":"x"}""")).IsGranted);
        Assert.Throws<ArgumentException>(() => registry.Grant(Grant("a:b") with { Condition = "args.amount <=" }));
    }

    [Theory]
    [Requirement("POL-197")]
    [InlineData("args.to != 'evil'")]
    [InlineData("not (args.amount > 100)")]
    [InlineData("amount != 5")]
    [InlineData("args.to not in ['evil']")]
    public void An_argument_that_a_condition_needs_must_be_there(string condition)
    {
        var registry = new CapabilityRegistry();
        registry.Grant(Grant("pay:invoice") with { Condition = condition });
        Assert.False(registry.Check(Agent, "pay:invoice", null, GovernedValue.FromJson("{}")).IsGranted);
        Assert.True(registry.Check(Agent, "pay:invoice", null, GovernedValue.FromJson("""{"to":"ann","amount":1}""")).IsGranted);
    }

    [Fact]
    [Requirement("POL-193", "POL-197", "POL-X12")]
    public async Task A_number_names_the_same_resource_however_it_is_written_a_rule_that_changes_it_is_seen_and_conditions_read_the_call()
    {
        const string policy = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\nrules:\n  - {name: swap, condition: \"has(args.swap)\", action: transform, transforms: [{path: args.id, op: set, value: '9'}, {path: args.swap, op: remove}]}\n";
        await using var host = new PolicyHost(policy, builder => builder.AddCapabilities(needs => needs.Require("crm.*", "use:crm", "id")));
        CapabilityRegistry registry = host.Resolve<CapabilityRegistry>();
        registry.Grant(Grant("use:crm"));
        registry.Deny(Grant("use:crm") with { ResourceIds = new HashSet<string> { "7", "9" } });
        registry.Deny(Grant("use:crm") with { Condition = "tool_name == 'crm.purge'" });
        Assert.True((await host.DecideAsync("crm.read", """{"id":8}""")).IsAllowed);
        Assert.False((await host.DecideAsync("crm.read", """{"id":7}""")).IsAllowed);
        Assert.False((await host.DecideAsync("crm.read", """{"id":7.0}""")).IsAllowed);
        Assert.False((await host.DecideAsync("crm.read", """{"id":70e-1}""")).IsAllowed);
        Assert.False((await host.DecideAsync("crm.read", """{"id":8,"swap":1}""")).IsAllowed);
        Assert.False((await host.DecideAsync("crm.purge", """{"id":8}""")).IsAllowed);
    }

    [Fact]
    [Requirement("POL-193")]
    public void The_callers_set_of_resources_may_change_and_the_grant_does_not()
    {
        var resources = new HashSet<string> { "a" };
        var registry = new CapabilityRegistry();
        registry.Grant(Grant("read:file") with { ResourceIds = resources });
        resources.Add("b");
        Assert.False(registry.Check(Agent, "read:file", "b").IsGranted);
    }

    [Theory]
    [Requirement("POL-198")]
    [InlineData(null, null, "t", true)]
    [InlineData("", null, "t", false)]
    [InlineData("t", null, "t", true)]
    [InlineData("t", "t", "t", false)]
    [InlineData(null, "t", "t", false)]
    [InlineData(null, "t", "u", true)]
    public void Lists_of_tools_denials_first(string? allowed, string? denied, string tool, bool allows) =>
        Assert.Equal(allows, new ToolGuard(allowed?.Split(',', StringSplitOptions.RemoveEmptyEntries), denied?.Split(',')).Allows(tool));

    [Fact]
    [Requirement("POL-190", "POL-196")]
    public async Task In_the_chain_a_tool_runs_only_for_who_has_its_capabilities()
    {
        const string allowAll = "apiVersion: governance.toolkit/v1\nname: p\nagents: ['*']\ndefault_action: allow\n";
        await using var host = new PolicyHost(allowAll, builder => builder.AddCapabilities(needs => needs.Require("crm.*", "use:crm").Require("crm.delete", "delete:crm:customer", "id")));
        CapabilityRegistry registry = host.Resolve<CapabilityRegistry>();
        Assert.Equal("policy:capability_denied", (await host.DecideAsync("crm.list")).Reason.Code);
        registry.Grant(Grant("use:crm"));
        Assert.True((await host.DecideAsync("crm.list")).IsAllowed);
        Assert.False((await host.DecideAsync("crm.delete", """{"id":7}""")).IsAllowed);
        registry.Grant(Grant("delete:crm") with { ResourceIds = new HashSet<string> { "7" } });
        Assert.True((await host.DecideAsync("crm.delete", """{"id":7}""")).IsAllowed);
        Assert.False((await host.DecideAsync("crm.delete", """{"id":8}""")).IsAllowed);
        Assert.False((await host.DecideAsync("other")).IsAllowed);
    }

    private static CapabilityGrant Grant(string capability) => new() { Capability = Capability.Parse(capability), Grantee = Agent, Grantor = "ann" };
}
