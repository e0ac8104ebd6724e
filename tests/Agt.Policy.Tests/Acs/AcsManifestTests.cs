using System.Net;
using System.Security.Cryptography;
using System.Text;
using Agt.Policy.Acs;

namespace Agt.Policy.Tests.Acs;

public sealed class AcsManifestTests : IDisposable
{
    private const string Minimal = """
        agent_control_specification_version: 0.3.1-beta
        policies: { p: { type: test } }
        intervention_points: { input: { policy_target: $.input, policy: { id: p } } }

        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agt-acs-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("0.3.1-beta", true)]
    [InlineData("0.3.1-beta-agt", true)]
    [InlineData("0.3.0-alpha", true)]
    [InlineData("0.3.0-alpha-agt", true)]
    [InlineData("0.3.1", false)]
    [InlineData("0.3.1-beta-agt+7", false)]
    [InlineData("0.4.0", false)]
    [InlineData("\"0.3.1-BETA\"", false)]
    [Requirement("POL-400")]
    [Requirement("POL-X20")]
    public void Four_versions_are_known(string version, bool known)
    {
        AcsLoadResult loaded = AcsManifestLoader.LoadText(Minimal.Replace("0.3.1-beta", version, StringComparison.Ordinal));
        Assert.Equal(known, loaded.Manifest is not null);
        Assert.Equal(known ? null : AcsReasons.ManifestInvalid, loaded.Reason);
    }

    [Theory]
    [InlineData("limits: { max_snapshot_bytes: 1 }", "AGTP302")]
    [InlineData("apiVersion: governance.toolkit/v1", "AGTP302")]
    [InlineData("metadata: []", "AGTP300")]
    [InlineData("metadata: { x-agt-limits: { max_snapshot: 1 } }", "AGTP329")]
    [InlineData("metadata: { x-agt-limits: { max_snapshot_bytes: 0 } }", "AGTP329")]
    [InlineData("metadata: { x-agt-limits: [1] }", "AGTP329")]
    [InlineData("tools: { t: text }", "AGTP300")]
    [InlineData("tools: { \" \": {} }", "AGTP303")]
    [InlineData("annotators: { a: { type: oracle } }", "AGTP303")]
    [InlineData("annotators: { a: {} }", "AGTP301")]
    [InlineData("annotators: { a: { type: llm, timeout_ms: 0 } }", "AGTP303")]
    [InlineData("extends: base.yaml", "AGTP300")]
    [InlineData("extends: [base.yaml]", "AGTP331")]
    [InlineData("extends: [{ url: https://a.example/m.yaml, sha256: ab }]", "AGTP303")]
    [InlineData("extends: [{ url: https://a.example/m.yaml, path: b }]", "AGTP302")]
    [InlineData("approval: { resolver: x }", "AGTP302")]
    [InlineData("approval: { timeout_seconds: 0 }", "AGTP303")]
    [InlineData("approval: { fatigue_threshold: -1 }", "AGTP303")]
    [InlineData("approval: { fatigue_window_seconds: 1.5 }", "AGTP303")]
    [InlineData("approval: { on_timeout: ignore }", "AGTP303")]
    [InlineData("approval: { resolvers: { w: {} } }", "AGTP301")]
    [InlineData("approval: { default_resolver: v, resolvers: { w: { type: webhook } } }", "AGTP303")]
    [InlineData("policies: {}", "AGTP017")]
    [Requirement("POL-401")]
    [Requirement("POL-411")]
    [Requirement("POL-423")]
    public void A_member_that_is_wrong_is_named_with_its_place(string line, string code)
    {
        AcsLoadResult loaded = AcsManifestLoader.LoadText(Minimal + line + "\n", "m.yaml");
        Assert.Null(loaded.Manifest);
        PolicyDiagnostic finding = Assert.Single(loaded.Diagnostics, one => one.Severity == DiagnosticSeverity.Error);
        Assert.Equal(code, finding.Code);
        Assert.Equal("m.yaml", finding.Source);
        Assert.True(finding.Position.Line >= 4 || code == "AGTP331", finding.ToString());
    }

    [Theory]
    [InlineData("policy_target: $.input", "AGTP321")]
    [InlineData("policy: { id: p }", "AGTP321")]
    [InlineData("policy_target: $.input, policy: { id: q }", "AGTP323")]
    [InlineData("policy_target: $.input, policy: { query: q }", "AGTP301")]
    [InlineData("policy_target: $.input, policy: { id: p }, policy_target_kind: \" \"", "AGTP303")]
    [InlineData("policy_target: $.input, policy: { id: p }, tool_name_from: $.tool", "AGTP322")]
    [InlineData("policy_target: $.input, policy: { id: p }, enabled: true", "AGTP302")]
    [InlineData("policy_target: $pi.snapshot, policy: { id: p }", "AGTP328")]
    [InlineData("policy_target: \"$[0]\", policy: { id: p }", "AGTP326")]
    [InlineData("policy_target: input, policy: { id: p }", "AGTP326")]
    [InlineData("policy_target: $.input, policy: { id: p }, annotations: { a: { from: $.x } }", "AGTP325")]
    [InlineData("policy_target: $.input, policy: { id: p }, annotations: { k: {} }", "AGTP301")]
    [InlineData("policy_target: $.input, policy: { id: p }, annotations: { k: { from: $.x, annotator: k } }", "AGTP303")]
    [InlineData("policy_target: $.input, policy: { id: p }, annotations: { k: { from: $pi.annotations.k } }", "AGTP327")]
    [InlineData("policy_target: $.input, policy: { id: p }, annotations: { k: { from: \"$pi[\\\"annotations\\\"]\" } }", "AGTP327")]
    [InlineData("policy_target: $.input, policy: { id: p }, annotations: { k: { from: x } }", "AGTP326")]
    [Requirement("POL-402")]
    [Requirement("POL-405")]
    [Requirement("POL-407")]
    [Requirement("POL-411")]
    public void A_point_that_is_wrong_is_refused(string point, string code)
    {
        AcsLoadResult loaded = AcsManifestLoader.LoadText($$"""
            agent_control_specification_version: 0.3.1-beta
            policies: { p: { type: test } }
            annotators: { k: { type: classifier } }
            intervention_points: { input: { {{point}} } }
            """);
        Assert.Null(loaded.Manifest);
        Assert.Equal(code, Assert.Single(loaded.Diagnostics).Code);
    }

    [Theory]
    [InlineData("type: rego", "query: data.a.v", null)]
    [InlineData("type: rego, query: data.a.v, bundle: ./b", "", null)]
    [InlineData("type: rego", "", "AGTP324")]
    [InlineData("type: rego, query: \"\"", "", "AGTP303")]
    [InlineData("type: rego, query: q, policy_path: x", "", "AGTP303")]
    [InlineData("type: rego, query: q, bundle: a, bundle_url: { url: https://a.example/b, sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa }", "", "AGTP303")]
    [InlineData("type: rego, query: q, bundle_url: { url: https://a.example/b }", "", "AGTP303")]
    [InlineData("type: rego, query: q, bundle_url: { url: http://a.example/b, sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa }", "", "AGTP303")]
    [InlineData("type: rego, query: q, bundle_url: { url: https://a.example/b, integrity: sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= }", "", null)]
    [InlineData("type: cedar, policy_set: \"permit(principal, action, resource);\"", "", null)]
    [InlineData("type: cedar, policy_set: a, policy_path: b", "", "AGTP303")]
    [InlineData("type: cedar", "", "AGTP303")]
    [InlineData("type: cedar, policy_set: a, query: text", "", "AGTP300")]
    [InlineData("type: cedar, policy_set: a, bundle: b", "", "AGTP302")]
    [InlineData("type: test, anything: 1", "", null)]
    [InlineData("type: custom, adapter: mine, anything: 1", "extra: 2", null)]
    [InlineData("type: custom", "", "AGTP301")]
    [InlineData("type: opa", "", "AGTP303")]
    [InlineData("query: q", "", "AGTP301")]
    [Requirement("POL-404")]
    public void A_policy_has_the_members_of_its_type(string definition, string binding, string? code)
    {
        AcsLoadResult loaded = AcsManifestLoader.LoadText($$"""
            agent_control_specification_version: 0.3.1-beta
            policies: { p: { {{definition}} } }
            intervention_points: { input: { policy_target: $.input, policy: { id: p, {{binding}} } } }
            """);
        Assert.Equal(code, loaded.Diagnostics.SingleOrDefault()?.Code);
        Assert.Equal(code is null, loaded.Manifest is not null);
    }

    [Fact]
    [Requirement("POL-404")]
    public void The_query_of_the_point_wins_over_that_of_the_policy()
    {
        AcsManifest manifest = AcsManifestLoader.LoadText("""
            agent_control_specification_version: 0.3.1-beta
            policies: { p: { type: rego, query: data.a, bundle: ./b, x: 1, y: 1 } }
            intervention_points:
              input: { policy_target: $.input, policy: { id: p, query: data.b, x: 2 } }
              output: { policy_target: $.output, policy: { id: p } }
            """).GetManifest();
        Assert.Equal("data.b", manifest.Points[InterventionPoint.Input].Query);
        Assert.Equal("data.a", manifest.Points[InterventionPoint.Output].Query);
        AcsCorpus.AssertSame(AcsCorpus.Value("""{"bundle":"./b","y":1,"x":2}"""), manifest.Points[InterventionPoint.Input].Configuration, "configuration");
    }

    [Fact]
    [Requirement("POL-X20")]
    public void Duplicate_keys_are_refused_in_yaml_and_json()
    {
        Assert.Equal(AcsReasons.ManifestInvalid, AcsManifestLoader.LoadText(Minimal + "policies: {}\n").Reason);
        Assert.Equal(AcsReasons.ManifestInvalid, AcsManifestLoader.LoadText("""{"agent_control_specification_version":"0.3.1-beta","policies":{},"policies":{}}""").Reason);
    }

    [Fact]
    [Requirement("POL-423")]
    public void An_approval_that_would_let_time_approve_is_loaded_with_a_warning_and_denies()
    {
        AcsLoadResult loaded = AcsManifestLoader.LoadText(Minimal + "approval: { default_resolver: w, timeout_seconds: 60, on_timeout: allow, fatigue_threshold: 5, fatigue_window_seconds: 3600, resolvers: { w: { type: webhook, url: x } } }\n");
        Assert.Equal(DiagnosticSeverity.Warning, Assert.Single(loaded.Diagnostics).Severity);
        AcsApprovalSection approval = loaded.GetManifest().Approval!;
        Assert.False(approval.SuspendsOnTimeout);
        Assert.Equal(("w", TimeSpan.FromSeconds(60), 5L, TimeSpan.FromHours(1)), (approval.DefaultResolver, approval.Timeout, approval.FatigueThreshold, approval.FatigueWindow));
        Assert.Equal("webhook", approval.Resolvers["w"].TryGetMember("type", out Agt.Values.GovernedValue type) ? type.AsString() : null);
    }

    [Fact]
    [Requirement("POL-420")]
    public async Task Parents_come_first_and_what_is_defined_twice_has_to_be_the_same()
    {
        Write("base.yaml", """
            agent_control_specification_version: 0.3.1-beta
            metadata: { owner: { team: a }, tags: [x] }
            policies: { p: { type: rego, query: q, bundle: ./bundle } }
            annotators: { a: { type: classifier } }
            approval: { timeout_seconds: 10 }
            intervention_points: { input: { policy_target: $.input, policy: { id: p }, annotations: { a: { from: $.x } } } }
            """);
        Write("sub/more.yaml", """
            agent_control_specification_version: 0.3.1-beta
            metadata: { owner: { name: b } }
            annotators: { b: { type: llm } }
            approval: { timeout_seconds: 10 }
            intervention_points: { input: { annotations: { b: { from: $.y } } } }
            """);
        AcsLoadResult loaded = await LoadAsync("child.yaml", """
            agent_control_specification_version: 0.3.1-beta
            extends: [base.yaml, ./sub/more.yaml]
            intervention_points: { input: { policy_target_kind: user_input } }
            """);
        AcsManifest manifest = loaded.GetManifest();
        AcsPoint point = Assert.Single(manifest.Points.Values);
        Assert.Equal(["a", "b"], point.Annotators);
        Assert.Equal("user_input", point.PolicyTargetKind);
        Assert.Equal(TimeSpan.FromSeconds(10), manifest.Approval!.Timeout);
        AcsCorpus.AssertSame(AcsCorpus.Value("""{"owner":{"team":"a","name":"b"},"tags":["x"]}"""), manifest.Metadata, "metadata");
        Assert.Equal(Path.Combine(_folder.FullName, "bundle"), manifest.Policies["p"].Definition.TryGetMember("bundle", out Agt.Values.GovernedValue bundle) ? bundle.AsString() : null);
    }

    [Theory]
    [InlineData("metadata: { owner: x }")]
    [InlineData("approval: { timeout_seconds: 11 }")]
    [InlineData("policies: { p: { type: custom, adapter: x } }")]
    [InlineData("tools: { t: { clearance: secret } }")]
    [InlineData("annotators: { a: { type: llm } }")]
    [InlineData("intervention_points: { input: { policy_target: $.other } }")]
    [InlineData("intervention_points: { input: { policy: { id: p, extra: 1 } } }")]
    [InlineData("intervention_points: { input: { annotations: { a: { from: $.other } } } }")]
    [Requirement("POL-420")]
    public async Task What_two_manifests_define_differently_is_refused(string other)
    {
        Write("base.yaml", Minimal + "metadata: { owner: { team: a } }\napproval: { timeout_seconds: 10 }\ntools: { t: { clearance: public } }\nannotators: { a: { type: classifier } }\n");
        Write("mid.yaml", "agent_control_specification_version: 0.3.1-beta\nextends: [base.yaml]\nintervention_points: { input: { annotations: { a: { from: $.x } } } }\n");
        AcsLoadResult loaded = await LoadAsync("child.yaml", "agent_control_specification_version: 0.3.1-beta\nextends: [mid.yaml]\n" + other + "\n");
        Assert.Equal(AcsReasons.ManifestInvalid, loaded.Reason);
        Assert.Equal("AGTP330", Assert.Single(loaded.Diagnostics).Code);
    }

    [Fact]
    [Requirement("POL-420")]
    public async Task Circles_escapes_other_versions_and_long_chains_are_refused()
    {
        Write("a.yaml", "agent_control_specification_version: 0.3.1-beta\nextends: [b.yaml]\n");
        Write("b.yaml", "agent_control_specification_version: 0.3.1-beta\nextends: [a.yaml]\n");
        AcsLoadResult circle = await AcsManifestLoader.LoadAsync(Path.Combine(_folder.FullName, "a.yaml"), cancellationToken: Token);
        Assert.Contains("a.yaml -> b.yaml -> a.yaml", Assert.Single(circle.Diagnostics).Message, StringComparison.Ordinal);

        Write("other.yaml", Minimal.Replace("0.3.1-beta", "0.3.0-alpha", StringComparison.Ordinal));
        Assert.Equal("AGTP330", Assert.Single((await LoadAsync("c.yaml", "agent_control_specification_version: 0.3.1-beta\nextends: [other.yaml]\n")).Diagnostics).Code);

        Write("outside.yaml", Minimal);
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "root"));
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "root", "link.yaml"), Path.Combine(_folder.FullName, "outside.yaml"));
        foreach (string escape in new[] { "../outside.yaml", "link.yaml", Path.Combine(_folder.FullName, "outside.yaml") })
        {
            Assert.Equal("AGTP333", Assert.Single((await LoadAsync("root/m.yaml", $"agent_control_specification_version: 0.3.1-beta\nextends: ['{escape}']\n")).Diagnostics).Code);
        }

        for (int i = 0; i < 17; i++)
        {
            Write($"chain{i}.yaml", i == 16 ? Minimal : $"agent_control_specification_version: 0.3.1-beta\nextends: [chain{i + 1}.yaml]\n");
        }

        Assert.Equal(AcsReasons.ResourceLimitExceeded, (await AcsManifestLoader.LoadAsync(Path.Combine(_folder.FullName, "chain0.yaml"), cancellationToken: Token)).Reason);
        Assert.NotNull((await AcsManifestLoader.LoadAsync(Path.Combine(_folder.FullName, "chain1.yaml"), cancellationToken: Token)).Manifest);
    }

    /// <summary>Two parents each, sixteen deep, would be 65,536 files to read.</summary>
    [Fact]
    [Requirement("POL-418")]
    public async Task A_manifest_that_multiplies_is_stopped()
    {
        for (int i = 0; i < 15; i++)
        {
            Write($"m{i}.yaml", i == 14 ? Minimal : $"agent_control_specification_version: 0.3.1-beta\nextends: [m{i + 1}.yaml, m{i + 1}.yaml]\n");
        }

        Assert.Equal(AcsReasons.ResourceLimitExceeded, (await AcsManifestLoader.LoadAsync(Path.Combine(_folder.FullName, "m0.yaml"), cancellationToken: Token)).Reason);
    }

    [Theory]
    [InlineData("http://a.example/m.yaml")]
    [InlineData("ftp://a.example/m.yaml")]
    [InlineData("file:///etc/m.yaml")]
    [InlineData("https://user:pass@a.example/m.yaml")]
    [InlineData("https://a.example/m.yaml#part")]
    [InlineData("https://localhost/m.yaml")]
    [InlineData("https://a.localhost./m.yaml")]
    [InlineData("https://127.0.0.1/m.yaml")]
    [InlineData("https://2130706433/m.yaml")]
    [InlineData("https://0x7f.1/m.yaml")]
    [InlineData("https://169.254.169.254/m.yaml")]
    [InlineData("https://0.0.0.0/m.yaml")]
    [InlineData("https://255.255.255.255/m.yaml")]
    [InlineData("https://[::1]/m.yaml")]
    [InlineData("https://[::]/m.yaml")]
    [InlineData("https://[fe80::1]/m.yaml")]
    [InlineData("https://[::ffff:127.0.0.1]/m.yaml")]
    [InlineData("https://[::ffff:169.254.1.1]/m.yaml")]
    [InlineData("https://[::127.0.0.1]/m.yaml")]
    [InlineData("https://[64:ff9b::a9fe:a9fe]/m.yaml")]
    [Requirement("POL-421")]
    public async Task An_address_of_this_machine_or_its_link_is_not_fetched(string url)
    {
        using var web = new Web();
        AcsLoadResult loaded = await LoadAsync("m.yaml", $"agent_control_specification_version: 0.3.1-beta\nextends: ['{url}']\n", web);
        Assert.Equal(AcsReasons.ManifestInvalid, loaded.Reason);
        Assert.Empty(web.Asked);
        using var redirecting = new Web { Redirects = { ["https://a.example/m.yaml"] = url } };
        AcsLoadResult redirected = await LoadAsync("m.yaml", "agent_control_specification_version: 0.3.1-beta\nextends: [https://a.example/m.yaml]\n", redirecting);
        Assert.Equal(AcsReasons.ManifestInvalid, redirected.Reason);
        Assert.Equal(["https://a.example/m.yaml"], redirecting.Asked);
    }

    [Fact]
    [Requirement("POL-420")]
    [Requirement("POL-421")]
    public async Task A_pinned_address_is_what_its_digest_says_or_nothing()
    {
        using var web = new Web { Pages = { ["https://a.example/m.yaml"] = Minimal }, Redirects = { ["https://a.example/old.yaml"] = "/m.yaml" } };
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(Minimal));
        foreach (string pin in new[] { "sha256: " + Convert.ToHexString(digest), "integrity: sha256-" + Convert.ToBase64String(digest), "integrity: sha256-" + Convert.ToBase64String(digest).TrimEnd('=').Replace('+', '-').Replace('/', '_') })
        {
            AcsLoadResult loaded = await LoadAsync("m.yaml", $"agent_control_specification_version: 0.3.1-beta\nextends: [{{ url: https://a.example/old.yaml, {pin} }}]\n", web);
            Assert.NotNull(loaded.Manifest);
            Assert.Empty(loaded.Diagnostics);
        }

        digest[0] ^= 1;
        AcsLoadResult changed = await LoadAsync("m.yaml", $"agent_control_specification_version: 0.3.1-beta\nextends: [{{ url: https://a.example/m.yaml, sha256: {Convert.ToHexString(digest)} }}]\n", web);
        Assert.Equal("AGTP342", Assert.Single(changed.Diagnostics).Code);
        AcsLoadResult open = await LoadAsync("m.yaml", "agent_control_specification_version: 0.3.1-beta\nextends: [https://a.example/m.yaml]\n", web);
        Assert.NotNull(open.Manifest);
        Assert.Equal("AGTP343", Assert.Single(open.Diagnostics).Code);
    }

    [Fact]
    [Requirement("POL-418")]
    [Requirement("POL-421")]
    public async Task What_is_too_large_leads_on_for_ever_or_fails_is_refused()
    {
        using var web = new Web { Pages = { ["https://a.example/large.yaml"] = "#" + new string('x', 2_000) } };
        for (int i = 0; i < 6; i++)
        {
            web.Redirects[$"https://a.example/{i}.yaml"] = $"/{i + 1}.yaml";
        }

        web.Pages["https://a.example/6.yaml"] = Minimal;
        AcsLimits limits = AcsLimits.Default with { MaxUrlBytes = 1_000 };
        Assert.Equal(AcsReasons.ResourceLimitExceeded, (await LoadAsync("m.yaml", Extending("large"), web, limits)).Reason);
        Assert.Equal(AcsReasons.ManifestInvalid, (await LoadAsync("m.yaml", Extending("0"), web, limits)).Reason);
        Assert.NotNull((await LoadAsync("m.yaml", Extending("1"), web, limits)).Manifest);
        Assert.Contains("HTTP 404", (await LoadAsync("m.yaml", Extending("missing"), web, limits)).Diagnostics[0].Message, StringComparison.Ordinal);

        static string Extending(string name) => $"agent_control_specification_version: 0.3.1-beta\nextends: [https://a.example/{name}.yaml]\n";
    }

    [Theory]
    [InlineData("extends: [/etc/m.yaml]", true)]
    [InlineData("policies: { q: { type: rego, query: q, bundle: ./b } }", false)]
    [InlineData("policies: { q: { type: cedar, policy_path: /etc/p.cedar } }", false)]
    [InlineData("policies: { q: { type: test, data_paths: [a] } }", false)]
    [InlineData("annotators: { a: { type: llm, api_key_env: SECRET } }", false)]
    [InlineData("annotators: { a: { type: llm, provider_config: { token_env: SECRET } } }", false)]
    [InlineData("annotators: { a: { type: llm, provider: bedrock } }", false)]
    [InlineData("annotators: { a: { type: llm, system_prompt_file: /etc/passwd } }", false)]
    [InlineData("policies: { q: { type: rego, query: q, bundle_url: { url: https://a.example/b, sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa } } }", false)]
    [Requirement("POL-422")]
    public async Task A_fetched_manifest_reaches_nothing_of_this_machine(string line, bool resolvedThere)
    {
        string remote = Minimal.Replace("policies: { p: { type: test } }", line.StartsWith("policies", StringComparison.Ordinal) ? line.Replace("policies: {", "policies: { p: { type: test },", StringComparison.Ordinal) : "policies: { p: { type: test } }\n" + line, StringComparison.Ordinal);
        using var web = new Web { Pages = { ["https://a.example/m.yaml"] = remote } };
        AcsLoadResult loaded = await LoadAsync("m.yaml", "agent_control_specification_version: 0.3.1-beta\nextends: [https://a.example/m.yaml]\n", web);
        Assert.Equal(AcsReasons.ManifestInvalid, loaded.Reason);
        Assert.Contains(loaded.Diagnostics, finding => finding.Code == (resolvedThere ? "AGTP341" : "AGTP345"));
    }

    [Fact]
    [Requirement("POL-422")]
    public async Task A_fetched_manifest_may_name_a_bundle_if_the_whole_way_to_it_is_pinned()
    {
        string remote = Minimal.Replace("{ p: { type: test } }", "{ p: { type: rego, query: q, bundle_url: { url: https://a.example/b, sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa } } }", StringComparison.Ordinal);
        string middle = "agent_control_specification_version: 0.3.1-beta\nextends: [{ url: https://a.example/m.yaml, sha256: " + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(remote))) + " }]\n";
        using var web = new Web { Pages = { ["https://a.example/m.yaml"] = remote, ["https://a.example/middle.yaml"] = middle } };
        Assert.NotNull((await LoadAsync("m.yaml", middle, web)).Manifest);
        Assert.Contains((await LoadAsync("m.yaml", "agent_control_specification_version: 0.3.1-beta\nextends: [https://a.example/middle.yaml]\n", web)).Diagnostics, finding => finding.Code == "AGTP345");
    }

    private Task<AcsLoadResult> LoadAsync(string name, string text, HttpMessageHandler? web = null, AcsLimits? limits = null)
    {
        Write(name, text);
        return AcsManifestLoader.LoadAsync(Path.Combine(_folder.FullName, name), new AcsLoadOptions { Handler = web, Limits = limits ?? AcsLimits.Default }, Token);
    }

    private void Write(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private sealed class Web : HttpMessageHandler
    {
        internal Dictionary<string, string> Pages { get; } = [];

        internal Dictionary<string, string> Redirects { get; } = [];

        internal List<string> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string url = request.RequestUri!.AbsoluteUri;
            Asked.Add(url);
            if (Redirects.TryGetValue(url, out string? next))
            {
                var redirect = new HttpResponseMessage(HttpStatusCode.Found);
                redirect.Headers.Location = new Uri(next, UriKind.RelativeOrAbsolute);
                return Task.FromResult(redirect);
            }

            return Task.FromResult(Pages.TryGetValue(url, out string? page)
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(page) }
                : new HttpResponseMessage(HttpStatusCode.NotFound));
        }
    }
}
