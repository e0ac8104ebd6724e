using System.Text;
using System.Text.Json;
using Agt.Audit.Merkle;
using Agt.Audit.Signing;
using Agt.Audit.Statements;
using NSec.Cryptography;

namespace Agt.Audit.Tests.Statements;

public sealed class StatementTests
{
    private static readonly InTotoStatement Said = new([new StatementSubject("record 7", MerkleTree.HashLeaf("leaf"u8))], "https://example.org/said/v1", "{\"say\":\"<ä>\"}"u8.ToArray());

    [Fact]
    [Requirement("AUD-814", Partial = "in-toto and CycloneDX; SPDX is not written")]
    public void What_is_signed_is_that_of_the_specification() =>
        Assert.Equal("DSSEv1 29 http://example.com/HelloWorld 11 hello world", DsseEnvelope.ToBeSigned("http://example.com/HelloWorld", "hello world"u8));

    [Fact]
    [Requirement("AUD-814", Partial = "in-toto and CycloneDX; SPDX is not written")]
    public void A_statement_that_was_signed_is_that_of_its_key_and_of_no_other()
    {
        using var key = AuditKey.Create("audit.example.org/a");
        using var other = AuditKey.Create("audit.example.org/a");
        byte[] json = key.Sign(Said).ToUtf8();

        Assert.True(DsseEnvelope.TryParse(json, out DsseEnvelope? envelope, out string? error), error);
        Assert.True(envelope.IsSignedBy(key.Key));
        Assert.False(envelope.IsSignedBy(other.Key));
        Assert.Equal(InTotoStatement.PayloadType, envelope.PayloadType);
        Assert.True(InTotoStatement.TryParse(envelope.Payload, out InTotoStatement? read, out error), error);
        Assert.Equal(Said.Subjects, read.Subjects);
        Assert.Equal(Said.PredicateType, read.PredicateType);
        Assert.Equal("<ä>", JsonDocument.Parse(read.Predicate).RootElement.GetProperty("say").GetString());

        // Another implementation says the same of the bytes.
        byte[] signed = [.. Encoding.ASCII.GetBytes($"DSSEv1 28 application/vnd.in-toto+json {envelope.Payload.Length} "), .. envelope.Payload.Span];
        Assert.True(SignatureAlgorithm.Ed25519.Verify(PublicKey.Import(SignatureAlgorithm.Ed25519, key.Key.PublicKey, KeyBlobFormat.RawPublicKey), signed, envelope.Signatures[0].Value.Span));
    }

    [Fact]
    public void Neither_payload_nor_type_can_be_changed()
    {
        using var key = AuditKey.Create("audit.example.org/a");
        DsseEnvelope envelope = key.Sign(Said);
        for (int at = 0; at < envelope.Payload.Length; at++)
        {
            byte[] changed = envelope.Payload.ToArray();
            changed[at] ^= 1;
            Assert.False((envelope with { Payload = changed }).IsSignedBy(key.Key));
        }

        Assert.False((envelope with { PayloadType = "application/json" }).IsSignedBy(key.Key));
        Assert.False((envelope with { Signatures = [] }).IsSignedBy(key.Key));
    }

    [Fact]
    public void A_checkpoint_is_no_statement_of_the_same_key()
    {
        using var key = AuditKey.Create("audit.example.org/a");
        DsseEnvelope envelope = key.Sign(Said);
        string text = DsseEnvelope.ToBeSigned(envelope.PayloadType, envelope.Payload.Span);
        Assert.Contains(' ', text[..text.IndexOf('{', StringComparison.Ordinal)]);
        Assert.False(Agt.Audit.Notes.Checkpoint.TryParse(text, out _, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"payloadType\":\"a\",\"payload\":\"e30=\"}")]
    [InlineData("{\"payloadType\":\"a\",\"payload\":\"e30=\",\"signatures\":[]}")]
    [InlineData("{\"payloadType\":\"a\",\"payload\":\"e30=\",\"payload\":\"e30=\",\"signatures\":[{\"sig\":\"\"}]}")]
    [InlineData("{\"payloadType\":\"a\",\"payload\":\"%\",\"signatures\":[{\"sig\":\"\"}]}")]
    [InlineData("{\"payloadType\":\"a\",\"payload\":\"/w==\",\"signatures\":[{\"sig\":\"\"}]}")]
    [InlineData("{\"payloadType\":7,\"payload\":\"e30=\",\"signatures\":[{\"sig\":\"\"}]}")]
    public void What_is_no_envelope_is_refused(string json)
    {
        Assert.False(DsseEnvelope.TryParse(Encoding.UTF8.GetBytes(json), out _, out string? error));
        Assert.NotEmpty(error);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[],\"predicateType\":\"a\",\"predicate\":{}}")]
    [InlineData("{\"_type\":\"https://in-toto.io/Statement/v0.1\",\"subject\":[{\"name\":\"a\",\"digest\":{\"sha256\":\"0000000000000000000000000000000000000000000000000000000000000000\"}}],\"predicateType\":\"a\",\"predicate\":{}}")]
    [InlineData("{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"a\",\"digest\":{\"sha256\":\"0\"}}],\"predicateType\":\"a\",\"predicate\":{}}")]
    public void What_is_no_statement_is_refused(string json)
    {
        Assert.False(InTotoStatement.TryParse(Encoding.UTF8.GetBytes(json), out _, out string? error));
        Assert.NotEmpty(error);
    }
}
