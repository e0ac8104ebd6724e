using System.Security.Claims;
using Agt.Approvals;
using Microsoft.Extensions.DependencyInjection;

namespace Agt.Core.Tests;

public sealed class ApprovalDeskTests
{
    [Fact]
    [Requirement("POL-232")]
    [Requirement("ADP-117")]
    [Requirement("POL-234")]
    public async Task A_request_waits_until_somebody_answers_and_a_second_answer_does_nothing()
    {
        using var house = new House();
        Task<GovernedResult<string>> run = house.RunAsync();
        PendingApproval pending = Assert.Single(house.Desk.Pending);
        Assert.False(house.Desk.TryApprove("unknown", Person("alice")));
        Assert.True(house.Desk.TryApprove(pending.Request.Id, Person("alice"), "fine"));
        Assert.False(house.Desk.TryApprove(pending.Request.Id, Person("alice")));
        Assert.False(house.Desk.TryReject(pending.Request.Id, Person("alice")));
        Assert.True((await run).Executed);
        Assert.Empty(house.Desk.Pending);
        Assert.False(house.Desk.TryReject(pending.Request.Id, Person("alice")));
    }

    [Fact]
    [Requirement("POL-234")]
    public async Task What_nobody_answers_in_time_is_denied_as_timed_out()
    {
        using var house = new House();
        Task<GovernedResult<string>> run = house.RunAsync();
        string id = house.Desk.Pending[0].Request.Id;
        house.Chain.Time.Advance(TimeSpan.FromSeconds(301));
        GovernedResult<string> result = await run;
        Assert.Equal(ReasonCodes.ApprovalTimeout, result.Decision.Reason);
        Assert.False(result.Executed);
        Assert.False(house.Desk.TryApprove(id, Person("alice")));
    }

    [Fact]
    [Requirement("POL-235")]
    [Requirement("POL-X22")]
    public async Task Only_people_who_are_authenticated_and_may_answer_count_and_never_the_agent_or_its_user()
    {
        using var house = new House();
        Task<GovernedResult<string>> run = house.RunAsync();
        string id = house.Desk.Pending[0].Request.Id;
        Assert.False(house.Desk.TryApprove(id, new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "alice")]))));
        Assert.False(house.Desk.TryApprove(id, new ClaimsPrincipal()));
        Assert.False(house.Desk.TryApprove(id, Person(" ")));
        Assert.False(house.Desk.TryApprove(id, Person("mallory")));
        Assert.False(house.Desk.TryReject(id, Person("mallory")));
        Assert.False(house.Desk.TryApprove(id, Person(house.Desk.Pending[0].Request.Principal.Agent.Value, "alice")));
        Assert.True(house.Desk.TryApprove(id, Person("bob", "alice")));
        GovernedResult<string> result = await run;
        Assert.True(result.Executed);
        Assert.Equal("bob", house.Chain.Records[0].Approver);
    }

    [Fact]
    [Requirement("POL-235", "ADP-117", "ADP-X05")]
    public async Task Two_of_three_have_to_agree_and_nobody_counts_twice()
    {
        using var house = new House(_ => [new ApprovalLevel(["alice", "bob", "carol"], required: 2)]);
        Task<GovernedResult<string>> run = house.RunAsync();
        string id = house.Desk.Pending[0].Request.Id;
        Assert.True(house.Desk.TryApprove(id, Person("alice")));
        Assert.False(house.Desk.TryApprove(id, Person("ALICE")));
        Assert.Equal(["alice"], house.Desk.Pending[0].ApprovedBy);
        Assert.False(run.IsCompleted);
        Assert.True(house.Desk.TryApprove(id, Person("carol")));
        Assert.True((await run).Executed);
        Assert.Equal("alice, carol", house.Chain.Records[0].Approver);
    }

    [Fact]
    [Requirement("POL-235")]
    public async Task One_refusal_ends_it()
    {
        using var house = new House(_ => [new ApprovalLevel(["alice", "bob", "carol"], required: 2)]);
        Task<GovernedResult<string>> run = house.RunAsync();
        string id = house.Desk.Pending[0].Request.Id;
        house.Desk.TryApprove(id, Person("alice"));
        Assert.True(house.Desk.TryReject(id, Person("bob"), "no"));
        Assert.Equal(ReasonCodes.ApprovalDenied, (await run).Decision.Reason);
    }

    [Fact]
    [Requirement("POL-235")]
    public async Task Each_level_has_its_part_of_the_time_and_then_the_next_is_asked()
    {
        using var house = new House(_ => [new ApprovalLevel(["clerk"]), new ApprovalLevel(["manager"]), new ApprovalLevel(["director"])]);
        var asked = new List<int>();
        using var signal = new SemaphoreSlim(0);
        house.Desk.Requested += (_, raised) =>
        {
            asked.Add(raised.Pending.Level);
            signal.Release();
        };
        Task<GovernedResult<string>> run = house.RunAsync();
        await signal.WaitAsync(TestContext.Current.CancellationToken);
        string id = house.Desk.Pending[0].Request.Id;
        Assert.False(house.Desk.TryApprove(id, Person("manager")));
        house.Chain.Time.Advance(TimeSpan.FromSeconds(100));
        await signal.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(house.Desk.TryApprove(id, Person("clerk")));
        Assert.True(house.Desk.TryApprove(id, Person("manager")));
        Assert.True((await run).Executed);
        Assert.Equal([0, 1], asked);
    }

    [Fact]
    [Requirement("POL-235")]
    public async Task Every_rule_that_asks_gets_the_word_of_its_own_people()
    {
        using var house = new House(_ => null, new TestInterceptor("asks too") { Before = ChainTests.OnTool(_ => Verdict.Escalate("legal", ["legal"])) });
        Task<GovernedResult<string>> run = house.RunAsync();
        string id = house.Desk.Pending[0].Request.Id;
        Assert.True(house.Desk.TryApprove(id, Person("alice")));
        Assert.False(run.IsCompleted);
        Assert.True(house.Desk.TryApprove(id, Person("lena", "legal")));
        Assert.True((await run).Executed);
    }

    [Fact]
    public async Task A_full_desk_and_a_handler_that_throws_refuse()
    {
        using var house = new House(options: new ApprovalDeskOptions { MaxPending = 1 });
        Task<GovernedResult<string>> first = house.RunAsync();
        Assert.Equal(ReasonCodes.ApprovalResolverFailed, (await house.RunAsync()).Decision.Reason);
        house.Desk.TryReject(house.Desk.Pending[0].Request.Id, Person("alice"));
        await first;
        house.Desk.Requested += (_, _) => throw new InvalidOperationException();
        Assert.Equal(ReasonCodes.ApprovalResolverFailed, (await house.RunAsync()).Decision.Reason);
        Assert.Empty(house.Desk.Pending);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ApprovalDesk(new ApprovalDeskOptions { MaxPending = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ApprovalLevel(["a"], 0));
    }

    /// <summary>Many answers at once: exactly as many count as are needed.</summary>
    [Fact]
    [Requirement("POL-235")]
    public async Task Answers_in_parallel_decide_once()
    {
        using var house = new House(_ => [new ApprovalLevel([], required: 3)]);
        Task<GovernedResult<string>> run = house.RunAsync();
        string id = house.Desk.Pending[0].Request.Id;
        int counted = 0;
        Parallel.For(0, 64, index =>
        {
            if (house.Desk.TryApprove(id, Person("p" + index)))
            {
                Interlocked.Increment(ref counted);
            }
        });
        Assert.Equal(3, counted);
        Assert.True((await run).Executed);
    }

    private static ClaimsPrincipal Person(string name, params string[] roles) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.Name, name), .. roles.Select(role => new Claim(ClaimTypes.Role, role))], "test"));

    private sealed class House : IDisposable
    {
        internal House(Func<ApprovalRequest, IReadOnlyList<ApprovalLevel>?>? levels = null, params TestInterceptor[] more)
            : this(new ApprovalDeskOptions { Levels = levels }, more)
        {
        }

        internal House(ApprovalDeskOptions options, params TestInterceptor[] more)
        {
            ApprovalDesk? desk = null;
            Chain = new ChainFixture(
                builder => builder.Services.AddSingleton<IApprovalBroker>(provider => desk ??= new ApprovalDesk(options, provider.GetRequiredService<TimeProvider>())),
                [new TestInterceptor("asks") { Before = ChainTests.OnTool(_ => Verdict.Escalate("big", ["alice"])) }, .. more]);
            Desk = desk ?? (ApprovalDesk)Chain.Services.GetRequiredService<IApprovalBroker>();
        }

        internal ChainFixture Chain { get; }

        internal ApprovalDesk Desk { get; }

        public void Dispose() => Chain.Dispose();

        internal Task<GovernedResult<string>> RunAsync() => Chain.RunAsync();
    }
}
