using System.Text.RegularExpressions;
using Agt.Audit;
using Agt.Transforms;
using Agt.Values;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests.Attacks;

public sealed class ValueAttacks
{
    [Fact]
    public void Redacting_a_long_list_of_texts_builds_it_once()
    {
        var arena = new ValueArena(PayloadLimits.Default);
        arena.BeginList();
        for (int i = 0; i < 40_000; i++)
        {
            arena.WriteText("a@b");
        }

        GovernedValue redacted = PatchApplier.Apply(arena, arena.End(), Patch.Redact(PatchPath.Parse("args"), new Regex("@", RegexOptions.NonBacktracking), "#"));

        Assert.Equal(40_000, redacted.Count);
        Assert.Equal("a#b", redacted[39_999].AsString());
    }

    [Fact]
    public void A_pattern_that_matches_nothing_at_all_inserts_nothing()
    {
        GovernedValue value = GovernedValue.FromJson("""{"a":"abc"}""");

        GovernedValue result = PatchApplier.Apply(
            new ValueArena(PayloadLimits.Default), value, Patch.Redact(PatchPath.Parse("args.a"), new Regex("x*", RegexOptions.NonBacktracking)));

        Assert.Equal("""{"a":"abc"}""", CanonicalJson.ToString(result));
    }

    [Fact]
    public void A_replacement_cannot_blow_a_text_up_beyond_the_limits()
    {
        GovernedValue value = GovernedValue.FromJson("{\"a\":\"" + new string('x', 100_000) + "\"}");
        Patch bomb = Patch.Redact(PatchPath.Parse("args.a"), new Regex("x", RegexOptions.NonBacktracking), new string('y', 10_000));

        PayloadException refused = Assert.Throws<PayloadException>(() => PatchApplier.Apply(new ValueArena(PayloadLimits.Default), value, bomb));

        Assert.Equal(ReasonCodes.ResourceLimitExceeded, refused.Reason);
    }

    [Fact]
    public void Texts_that_differ_in_unpaired_surrogates_have_different_canonical_forms()
    {
        string[] texts = ["\ud800", "\ud801", "\udc00", "\ufffd", "a\ud800", "\ud83d\ude00", "\ud83d", "\\ud800"];

        Assert.Equal(texts.Length, texts.Select(text => CanonicalJson.ToString(GovernedValue.From(text))).Distinct().Count());
        Assert.Equal("\"\ud83d\ude00\"", CanonicalJson.ToString(GovernedValue.From("\ud83d\ude00")));
    }

    [Fact]
    public void Numbers_kept_as_text_count_towards_the_characters_of_a_payload()
    {
        string digits = new('1', 900);
        string json = "[" + string.Join(",", Enumerable.Repeat(digits, 2_000)) + "]";

        Assert.Equal(ReasonCodes.ResourceLimitExceeded, Assert.Throws<PayloadException>(() => GovernedValue.FromJson(json)).Reason);
    }

    [Fact]
    public void A_limit_that_was_passed_stays_passed()
    {
        var arena = new ValueArena(new PayloadLimits { MaxCharacters = 10 });
        arena.BeginList();
        string text = new('x', 10_000_000);
        for (int i = 0; i < 300; i++)
        {
            Assert.Throws<PayloadException>(() => arena.WriteObject(text));
        }
    }

    [Fact]
    public void An_arena_that_was_returned_cannot_be_leased_however_often_it_is_tried()
    {
        var pool = new ValueArenaPool(PayloadLimits.Default);
        ValueArena arena = pool.Rent();
        arena.Release();

        Assert.Throws<ObjectDisposedException>(arena.AddLease);
        Assert.Throws<ObjectDisposedException>(arena.AddLease);
    }

    [Fact]
    public void A_stale_value_never_comes_alive_again_however_often_its_arena_is_reused()
    {
        var pool = new ValueArenaPool(PayloadLimits.Default);
        ValueArena arena = pool.Rent();
        arena.BeginMap();
        GovernedValue stale = arena.End();
        arena.Release();
        for (int i = 1; i < 1 << 18; i++)
        {
            pool.Rent().Release();
        }

        ValueArena last = pool.Rent();
        Assert.Throws<ObjectDisposedException>(() => stale.MemberAt(0));
        last.Release();
    }

    [Fact]
    public void A_pooled_arena_holds_on_to_nothing_of_its_last_payload()
    {
        var pool = new ValueArenaPool(PayloadLimits.Default);
        WeakReference text = Fill(pool.Rent());
        GC.Collect();

        Assert.False(text.IsAlive);
        pool.Rent().Release();

        static WeakReference Fill(ValueArena arena)
        {
            string secret = new('s', 100);
            arena.BeginMap();
            arena.Name("inner");
            arena.BeginList();
            for (int i = 0; i < 40; i++)
            {
                arena.WriteObject(i == 30 ? secret : "x");
            }

            arena.End();
            arena.End();
            arena.Release();
            return new WeakReference(secret);
        }
    }

    [Fact]
    public async Task A_record_that_is_none_does_not_stop_the_log_for_those_that_come_after()
    {
        var log = new InMemoryDecisionLog(16);
        await Assert.ThrowsAsync<NullReferenceException>(async () => await log.AppendAsync(default(DecisionRecord), CancellationToken.None));
        using var chain = new ChainFixture(builder => builder.UseDecisionLog(log), new TestInterceptor("x"));
        GovernanceSession session = await chain.OpenAsync();

        for (int i = 0; i < 16; i++)
        {
            Assert.True((await chain.RunAsync(session: session)).IsAllowed);
        }
    }

    [Fact]
    public async Task Records_of_many_writers_on_a_tiny_log_never_mix()
    {
        var log = new InMemoryDecisionLog(16);
        using var chain = new ChainFixture(builder => builder.UseDecisionLog(log), new TestInterceptor("x"));
        GovernanceSession[] sessions = [.. await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => chain.OpenAsync().AsTask()))];
        Task[] writers = [.. sessions.Select((session, who) => Task.Run(async () =>
        {
            for (int i = 0; i < 2_000; i++)
            {
                await using GovernedOperation operation = await chain.Governance.AuthorizeAsync(
                    new GovernedAction(chain.Tool, session, ChainFixture.Arguments, callId: session.Id.Value));
            }
        }))];
        Task all = Task.WhenAll(writers);
        while (!all.IsCompleted)
        {
            Assert.All(log.Snapshot().Where(record => record.CallId is not null), record => Assert.Equal(record.Session.Value, record.CallId));
        }

        await all;
        Assert.Equal(8 + (8 * 2_000 * 2), log.Appended);
    }

    [Fact]
    public void Reported_tokens_saturate_and_never_look_like_none()
    {
        var session = new GovernanceSession(
            new SessionId("s"), ChainFixture.Agent, new SessionLimits { MaxTokens = 10 }, null, null, 0, [], null);
        session.ReportTokens(long.MaxValue);
        bool negative = false;
        Parallel.For(0, 20_000, _ =>
        {
            session.ReportTokens(long.MaxValue);
            negative |= session.Tokens < 0 || session.TryReserve(InterventionPoint.PreModelCall, out ReasonCode _);
        });

        Assert.False(negative);
        Assert.Equal(long.MaxValue, session.Tokens);
    }

    [Fact]
    public void Numbers_far_apart_compare_quickly_and_equal_ones_hash_alike()
    {
        GovernedValue huge = GovernedValue.FromNumberText("1e1000");
        GovernedValue tiny = GovernedValue.FromNumberText("1e-1000");
        for (int i = 0; i < 1_000; i++)
        {
            Assert.NotEqual(huge, tiny);
        }

        foreach ((string left, string right) in new[] { ("9007199254740993", "9007199254740993.0"), ("0", "-0.0"), ("-0", "0.0"), ("1e2", "100"), ("1.50", "1.5") })
        {
            GovernedValue a = GovernedValue.FromNumberText(left);
            GovernedValue b = GovernedValue.FromNumberText(right);
            Assert.Equal(a, b);
            Assert.Equal(a.GetHashCode(), b.GetHashCode());
        }

        Assert.Throws<PayloadException>(() => GovernedValue.FromNumberText("1e1000000000"));
    }
}
