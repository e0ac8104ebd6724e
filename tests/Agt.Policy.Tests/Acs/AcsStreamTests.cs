using System.Text;
using Agt.Policy.Acs;
using Agt.Values;

namespace Agt.Policy.Tests.Acs;

public sealed class AcsStreamTests
{
    private const string Done = "data: [DONE]\n\n";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Requirement("POL-431")]
    public async Task A_stream_is_held_back_to_its_end_and_no_longer_than_its_bounds()
    {
        string text = Chunk("""{"delta":{"content":"a"}}""") + Chunk("""{"delta":{"content":"b"},"finish_reason":"stop"}""") + Done;
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        AcsHeldCompletion held = await AcsHeldCompletion.ReadAsync(stream, cancellationToken: Token);
        AcsCorpus.AssertSame(
            AcsCorpus.Value("""{"id":"c","created":1,"model":"m","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"ab"},"finish_reason":"stop"}]}"""), held.Response, "response");
        stream.Position = 0;
        Assert.NotNull((await AcsHeldCompletion.ReadAsync(stream, new AcsStreamLimits(MaxBytes: text.Length - 1), Token)).Error);
        stream.Position = 0;
        Assert.Null((await AcsHeldCompletion.ReadAsync(stream, new AcsStreamLimits(MaxBytes: text.Length, MaxEvents: 3), Token)).Error);
        stream.Position = 0;
        Assert.NotNull((await AcsHeldCompletion.ReadAsync(stream, new AcsStreamLimits(MaxEvents: 2), Token)).Error);
    }

    [Theory]
    [InlineData("""{"delta":{"content":"a"},"logprobs":{}}""")]
    [InlineData("""{"delta":{"refusal":"a"}}""")]
    [InlineData("""{"delta":[]}""")]
    [InlineData("""{"delta":{"role":"user","content":"a"}}""")]
    [InlineData("""{"delta":{"tool_calls":{}}}""")]
    [InlineData("""{"delta":{"tool_calls":[{"index":0.5}]}}""")]
    [InlineData("""{"delta":{"tool_calls":[{"index":0,"function":[]}]}}""")]
    [InlineData("""{"delta":{"tool_calls":[{"index":0,"function":{"name":"a","code":"x"}}]}}""")]
    [InlineData("""{"delta":{"content":"a"},"index":1}""")]
    [InlineData("""{"delta":{"content":"a"},"index":"0"}""")]
    [InlineData("""{"delta":{"content":"a"},"finish_reason":1}""")]
    [Requirement("POL-431")]
    public void What_a_completion_would_not_show_fails_closed(string choice) =>
        Assert.NotNull(AcsHeldCompletion.Read(Encoding.UTF8.GetBytes(Chunk(choice) + Done)).Error);

    [Theory]
    [InlineData("data: {\"choices\":[],\"error\":{\"message\":\"unseen\"}}\n\ndata: [DONE]\n\n")]
    [InlineData("data: [1]\n\ndata: [DONE]\n\n")]
    [InlineData("data: {\"choices\":{}}\n\ndata: [DONE]\n\n")]
    [InlineData("data: {\"id\":\"c\",\"choices\":[]}\n\ndata: [DONE]\n\n")]
    [InlineData("")]
    [InlineData("data: [DONE]\n\n")]
    [Requirement("POL-431")]
    public void A_stream_without_a_completion_fails_closed(string text) => Assert.NotNull(AcsHeldCompletion.Read(Encoding.UTF8.GetBytes(text)).Error);

    [Theory]
    [InlineData("\r\n\r\n")]
    [InlineData("\n")]
    [InlineData("")]
    [Requirement("POL-431")]
    public void The_last_event_counts_also_without_its_blank_line(string end)
    {
        AcsHeldCompletion held = AcsHeldCompletion.Read(Encoding.UTF8.GetBytes(Chunk("""{"delta":{"content":"a"}}""") + "data: [DONE]" + end));
        Assert.Null(held.Error);
        Assert.NotNull(AcsHeldCompletion.Read(Encoding.UTF8.GetBytes(Chunk("""{"delta":{"content":"a"}}""") + "data: [DONE]\n\ndata: {\"choices\":[]}" + end)).Error);
    }

    [Fact]
    [Requirement("POL-431")]
    public async Task A_stream_is_judged_and_comes_out_as_the_policy_says()
    {
        const string Manifest = """
            agent_control_specification_version: 0.3.1-beta
            policies: { p: { type: test } }
            intervention_points: { post_model_call: { policy_target: "$snap.response.choices[0].message", policy: { id: p } } }
            """;
        AcsHeldCompletion held = AcsHeldCompletion.Read(Encoding.UTF8.GetBytes(Chunk("""{"delta":{"content":"a secret"},"finish_reason":"stop"}""") + Done));
        GovernedValue snapshot = AcsValues.Map([("response", held.Response)]);
        var stub = new AcsStub { Policy = _ => AcsCorpus.Value("""{"decision":"transform","transform":{"path":"$policy_target.content","value":"nothing"}}""") };
        AcsResult result = await stub.Runtime(Manifest).EvaluateAsync(InterventionPoint.PostModelCall, snapshot, AcsMode.Enforce, Token);
        Assert.True(AcsPath.TryParse("$snap.choices[0].message", alias: false, out AcsPath? path, out _));
        string written = Encoding.UTF8.GetString(held.Emit(result, path!.Replace(held.Response, result.TransformedPolicyTarget)).Span);
        Assert.Equal(
            """data: {"id":"c","created":1,"model":"m","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":"nothing"},"finish_reason":"stop"}]}""" + "\n\ndata: [DONE]\n\n", written);
        var denied = new AcsResult(InterventionPoint.PostModelCall, AcsMode.Enforce, new AcsVerdict(AcsDecision.Escalate));
        Assert.Throws<InvalidOperationException>(() => held.Emit(denied));
    }

    private static string Chunk(string choice) => $$"""data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{{choice}}]}""" + "\n\n";
}
