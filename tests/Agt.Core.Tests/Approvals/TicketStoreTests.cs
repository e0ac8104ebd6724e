using System.Diagnostics;
using System.Globalization;
using Agt.Approvals;
using Agt.Values;

namespace Agt.Core.Tests.Approvals;

public sealed class TicketStoreTests : IDisposable
{
    private const string Variable = "AGT_TEST_TICKETS";
    private const int Tickets = 300;
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "agt-tickets-" + Guid.NewGuid().ToString("N"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Requirement("ADP-113")]
    public async Task A_ticket_is_kept_as_it_is_and_redeemed_once(bool inFiles)
    {
        IApprovalTicketStore store = inFiles ? new FileApprovalTicketStore(_directory) : new MemoryApprovalTicketStore();
        OpenApprovalTicket ticket = Ticket() with { Principal = new Principal(AgentId.Parse("a"), "user \"1\"", "t"), Session = new SessionId("../s") };
        await store.OpenAsync(ticket, Token);

        Assert.Equal(ticket, await store.FindAsync(ticket.Id, Token));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await store.OpenAsync(ticket, Token));
        bool[] won = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () => await store.TryRedeemAsync(ticket.Id, Token), Token)));
        Assert.Single(won, one => one);
        Assert.Null(await store.FindAsync(ticket.Id, Token));
        Assert.False(await store.TryRedeemAsync(ticket.Id, Token));
        Assert.False(await store.TryRedeemAsync(Guid.NewGuid().ToString(), Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Requirement("ADP-113")]
    public async Task There_is_room_for_so_many_tickets(bool inFiles)
    {
        IApprovalTicketStore store = inFiles ? new FileApprovalTicketStore(_directory, 2) : new MemoryApprovalTicketStore(2);
        OpenApprovalTicket first = Ticket();
        await store.OpenAsync(first, Token);
        await store.OpenAsync(Ticket(), Token);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await store.OpenAsync(Ticket(), Token));
        Assert.True(await store.TryRedeemAsync(first.Id, Token));
        await store.OpenAsync(Ticket(), Token);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("")]
    [InlineData("x.used")]
    [Requirement("ADP-113")]
    public async Task An_id_that_is_none_leads_nowhere(string id)
    {
        var store = new FileApprovalTicketStore(_directory);

        Assert.Null(await store.FindAsync(id, Token));
        Assert.False(await store.TryRedeemAsync(id, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.OpenAsync(Ticket() with { Id = id }, Token));
        Assert.Empty(Directory.GetFiles(_directory));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("not json")]
    [InlineData("")]
    public async Task A_file_that_was_tampered_with_is_no_ticket(string text)
    {
        var store = new FileApprovalTicketStore(_directory);
        OpenApprovalTicket ticket = Ticket();
        await store.OpenAsync(ticket, Token);
        await File.WriteAllTextAsync(Path.Combine(_directory, ticket.Id + ".open"), text, Token);

        await Assert.ThrowsAsync<InvalidDataException>(async () => await store.FindAsync(ticket.Id, Token));
    }

    [Fact]
    [Requirement("ADP-113", "ADP-115")]
    public async Task Of_several_processes_that_redeem_the_same_tickets_each_ticket_is_one_processs()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } shared)
        {
            // One of the processes that this test starts below.
            await RedeemAllAsync(shared);
            return;
        }

        var store = new FileApprovalTicketStore(_directory);
        for (int i = 0; i < Tickets; i++)
        {
            await store.OpenAsync(Ticket(), Token);
        }

        Process[] processes = [.. Enumerable.Range(0, 3).Select(_ => Start())];
        await Task.WhenAll(processes.Select(process => process.WaitForExitAsync(Token)));

        Assert.All(processes, process => Assert.Equal(0, process.ExitCode));
        string[] won = Directory.GetFiles(_directory, "*.won");
        Assert.Equal(3, won.Length);
        string[] redeemed = [.. won.SelectMany(File.ReadAllLines)];
        Assert.Equal(Tickets, redeemed.Length);
        Assert.Equal(Tickets, redeemed.Distinct().Count());
    }

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static OpenApprovalTicket Ticket() => new(
        Guid.CreateVersion7().ToString(), Digest.Of([1]), new SessionId("s"), new Principal(AgentId.Parse("a")), DateTimeOffset.UnixEpoch.AddYears(60));

    private static async Task RedeemAllAsync(string directory)
    {
        var store = new FileApprovalTicketStore(directory);
        var won = new List<string>();
        foreach (string id in Directory.GetFiles(directory, "*.open").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal))
        {
            if (await store.TryRedeemAsync(id, Token))
            {
                won.Add(id);
            }
        }

        await File.WriteAllLinesAsync(Path.Combine(directory, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + ".won"), won, Token);
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, Environment = { [Variable] = _directory } };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(typeof(TicketStoreTests).Assembly.Location);
        }

        foreach (string argument in (string[])["-method", typeof(TicketStoreTests).FullName + "." + nameof(Of_several_processes_that_redeem_the_same_tickets_each_ticket_is_one_processs)])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }
}
