namespace Agt.Cli.Tests;

/// <summary>A directory that goes with the test.</summary>
internal sealed class TempFolder : IDisposable
{
    internal const string Billing = """
        # Who may spend what.
        apiVersion: governance.toolkit/v1
        name: billing
        agents: ["*"]
        default_action: deny
        limits:
          max_tool_calls: 50
        rules:
          - name: reading-is-fine
            condition: tool_name in ['Orders.Find']
            action: allow
          - name: refunds
            condition: tool_name == 'Refunds.Issue' and args.amount <= 500
            action: allow
          - name: large-refunds
            condition: tool_name == 'Refunds.Issue' and args.amount > 500
            action: require_approval
            approvers: [finance]
          - name: not-too-often   # enough for a morning
            condition: tool_name == 'Refunds.Issue'
            action: rate_limit
            limit: 3/hour
          - name: no-secrets
            condition: tool_name == 'Mail.Send'
            action: transform
            transforms:
              - path: args.body
                pattern: 'key-\d+'
          - name: mail
            condition: tool_name == 'Mail.Send'
            action: allow

        """;

    private readonly string _path = Directory.CreateTempSubdirectory("agt-cli-").FullName;

    internal string this[string name] => Path.Combine(_path, name);

    internal string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    internal string Policy() => Write("billing.yaml", Billing);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
