using System.Net;
using HumanApproval;

string address = args.Length > 0 ? args[0] : "http://127.0.0.1:7391/";
string secret = args.Length > 1 ? args[1] : "approval.secret";
int most = args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : int.MaxValue;

using var listener = new HttpListener();
listener.Prefixes.Add(address);
listener.Start();
var desk = new Desk(SharedSecret.Load(secret), Environment.UserName, most);
Console.WriteLine($"Waiting for requests at {address}. End with Ctrl-C.");

// One task takes messages, this one talks to the person.
Task serving = Task.Run(async () =>
{
    while (!desk.IsDone)
    {
        await desk.ServeAsync(await listener.GetContextAsync());
    }

    desk.Close();
});
await desk.TalkAsync(Console.In, Console.Out);
await serving;
