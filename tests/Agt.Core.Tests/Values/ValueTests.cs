using System.Text.Json;
using Agt.Values;
using CsCheck;

namespace Agt.Core.Tests.Values;

public sealed class ValueTests
{
    [Theory]
    [InlineData("1", ValueKind.Integer, "1")]
    [InlineData("1.0", ValueKind.Double, "1.0")]
    [InlineData("1.50", ValueKind.Exact, "1.50")]
    [InlineData("9223372036854775807", ValueKind.Integer, "9223372036854775807")]
    [InlineData("9223372036854775808", ValueKind.Exact, "9223372036854775808")]
    [InlineData("-0", ValueKind.Exact, "-0")]
    [InlineData("1e400", ValueKind.Exact, "1e400")]
    public void A_number_keeps_its_kind_and_text(string json, ValueKind kind, string text)
    {
        GovernedValue value = GovernedValue.FromJson(json);

        Assert.Equal(kind, value.Kind);
        Assert.Equal(text, value.NumberText());
    }

    [Theory]
    [InlineData("1", "1.0", true)]
    [InlineData("9007199254740993", "9007199254740992.0", false)]
    [InlineData("9007199254740993", "9007199254740993.0", true)]
    [InlineData("0.1", "0.10", true)]
    [InlineData("0.1", "0.100000000000000001", false)]
    [InlineData("1e2", "100", true)]
    [InlineData("\"1\"", "1", false)]
    [InlineData("{\"a\":1,\"b\":[true,null]}", "{\"b\":[true,null],\"a\":1.0}", true)]
    [InlineData("[1,2]", "[2,1]", false)]
    [Requirement("POL-037")]
    public void Equality_is_exact_and_never_coerces(string left, string right, bool equal)
    {
        GovernedValue a = GovernedValue.FromJson(left);
        GovernedValue b = GovernedValue.FromJson(right);

        Assert.Equal(equal, ValueComparer.Numeric.Equals(a, b));
        if (equal)
        {
            Assert.Equal(ValueComparer.Numeric.GetHashCode(a), ValueComparer.Numeric.GetHashCode(b));
        }
    }

    [Fact]
    public void Acs_tells_1_from_1_point_0() =>
        Assert.False(ValueComparer.Exact.Equals(GovernedValue.FromJson("1"), GovernedValue.FromJson("1.0")));

    [Fact]
    public void Numbers_compare_as_the_exact_rationals_they_are() =>
        Gen.Select(Gen.Long, Gen.Double.Where(double.IsFinite)).Sample((whole, real) =>
        {
            Assert.True(ValueComparer.TryCompareNumbers(GovernedValue.From(whole), GovernedValue.From(real), out int order));
            var exact = (System.Numerics.BigInteger)Math.Truncate(real);
            int expected = new System.Numerics.BigInteger(whole).CompareTo(exact);
            if (expected == 0)
            {
                expected = 0.0.CompareTo(real - Math.Truncate(real));
            }

            Assert.Equal(Math.Sign(expected), Math.Sign(order));
        });

    [Theory]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":1")]
    [InlineData("1 2")]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"\\u0000x\":1}")]
    [InlineData("")]
    [Requirement("ADP-027")]
    public void Malformed_json_is_refused(string json) =>
        Assert.Equal(ReasonCodes.RequestInvalid, Assert.Throws<PayloadException>(() => GovernedValue.FromJson(json)).Reason);

    [Fact]
    [Requirement("ADP-027")]
    public void Depth_size_and_text_are_bounded()
    {
        var limits = new PayloadLimits { MaxDepth = 4, MaxValues = 100, MaxCharacters = 50 };

        Assert.Equal(4, Depth(GovernedValue.FromJson("[[[[1]]]]", limits)));
        Assert.Throws<PayloadException>(() => GovernedValue.FromJson("[[[[[1]]]]]", limits));
        Assert.Throws<PayloadException>(() => GovernedValue.FromJson("[" + string.Join(',', Enumerable.Repeat("1", 200)) + "]", limits));
        Assert.Throws<PayloadException>(() => GovernedValue.FromJson("\"" + new string('x', 51) + "\"", limits));

        static int Depth(GovernedValue value) => value.Kind == ValueKind.List ? 1 + Depth(value[0]) : 0;
    }

    [Fact]
    public void What_is_frozen_does_not_change_with_its_source()
    {
        var list = new List<object?> { 1, "x", new Dictionary<string, object?> { ["k"] = 2.5m } };
        var arena = new ValueArena(PayloadLimits.Default);
        arena.BeginMap();
        arena.Name("list");
        arena.WriteObject(list);
        arena.Name("json");
        arena.WriteObject(JsonSerializer.SerializeToElement(new { a = "é\n", b = new[] { 1, 2 } }));
        GovernedValue frozen = arena.End();

        list.Clear();

        Assert.Equal("""{"json":{"a":"é\n","b":[1,2]},"list":[1,"x",{"k":2.5}]}""", CanonicalJson.ToString(frozen));
    }

    [Fact]
    public void An_object_nobody_can_freeze_is_refused_by_type_name_only()
    {
        var arena = new ValueArena(PayloadLimits.Default);
        arena.BeginList();

        PayloadException refused = Assert.Throws<PayloadException>(() => arena.WriteObject(new Version(1, 2)));

        Assert.Equal(ReasonCodes.PayloadUnsupported, refused.Reason);
        Assert.Throws<PayloadException>(() => arena.WriteObject(double.NaN));
    }

    [Fact]
    public void An_endless_sequence_is_cut_off_by_the_limit()
    {
        var arena = new ValueArena(new PayloadLimits { MaxValues = 1_000 });
        arena.BeginList();

        Assert.Throws<PayloadException>(() => arena.WriteObject(Endless()));

        static IEnumerable<object?> Endless()
        {
            while (true)
            {
                yield return 1;
            }
        }
    }

    [Fact]
    public void A_value_of_a_returned_arena_throws_instead_of_showing_another_payload()
    {
        var pool = new ValueArenaPool(PayloadLimits.Default);
        ValueArena arena = pool.Rent();
        GovernedValue stale = arena.WriteJson("""{"secret":"text"}"""u8);
        stale.TryGetMember("secret", out GovernedValue text);
        GovernedValue kept = stale.Detach();
        arena.Release();

        ValueArena next = pool.Rent();
        next.WriteJson("""{"other":"payload"}"""u8);

        Assert.Same(arena, next);
        Assert.Throws<ObjectDisposedException>(() => stale[0]);
        Assert.Throws<ObjectDisposedException>(() => text.AsString());
        Assert.Equal("""{"secret":"text"}""", CanonicalJson.ToString(kept));
    }

    [Fact]
    public void A_leased_arena_outlives_its_renter()
    {
        var pool = new ValueArenaPool(PayloadLimits.Default);
        ValueArena arena = pool.Rent();
        GovernedValue value = arena.WriteJson("""["a"]"""u8);
        arena.AddLease();
        arena.Release();

        Assert.Equal("a", value[0].AsString());
        arena.Release();
        Assert.Throws<ObjectDisposedException>(() => arena.AddLease());
    }

    [Fact]
    public void Large_maps_are_found_by_name_too()
    {
        string json = "{" + string.Join(',', Enumerable.Range(0, 500).Select(i => $"\"k{i}\":{i}")) + "}";
        GovernedValue map = GovernedValue.FromJson(json);

        for (int i = 0; i < 500; i++)
        {
            Assert.True(map.TryGetMember("k" + i, out GovernedValue value));
            Assert.Equal(GovernedValue.From((long)i), value);
        }

        Assert.False(map.TryGetMember("k500", out _));
    }

    [Fact]
    public void Freezing_six_members_allocates_nothing_once_warm()
    {
        var pool = new ValueArenaPool(PayloadLimits.Default);
        var arguments = new Dictionary<string, object?> { ["a"] = "text", ["b"] = 1, ["c"] = 2.5, ["d"] = true, ["e"] = null, ["f"] = "more" };
        for (int i = 0; i < 1_000; i++)
        {
            Freeze();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            Freeze();
        }

        Assert.Equal(0, (GC.GetAllocatedBytesForCurrentThread() - before) / 1_000);

        void Freeze()
        {
            ValueArena arena = pool.Rent();
            arena.BeginMap();
            foreach ((string name, object? value) in arguments)
            {
                arena.Name(name);
                arena.WriteObject(value);
            }

            arena.End(uniqueNames: true);
            arena.Release();
        }
    }
}
