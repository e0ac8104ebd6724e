using System.Buffers.Binary;
using System.Text;
using Agt.Audit.Merkle;
using Agt.Audit.Notes;
using Agt.Audit.Receipts;
using NSec.Cryptography;
using Ed25519 = Agt.Audit.Cryptography.Ed25519;

namespace Agt.Audit.Tests.Notes;

public sealed class NoteTests
{
    private const string ExampleKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    private const string ExampleNote = "This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    [Fact]
    [Requirement("AUD-302", "AUD-305", "AUD-306")]
    public void The_example_of_the_standard_verifies_and_no_other_text_does()
    {
        Assert.True(VerifierKey.TryParse(ExampleKey, out VerifierKey? key));
        Assert.Equal(ExampleKey, key.ToString());
        Assert.True(SignedNote.TryParse(Encoding.UTF8.GetBytes(ExampleNote), out SignedNote? note, out _));
        Assert.Equal(ExampleNote, note.ToString());
        Assert.True(note.TryVerify([key], out IReadOnlyList<VerifiedSignature> verified, out _));
        Assert.Equal(key, Assert.Single(verified).Key);
        Assert.True(SignedNote.TryParse(Encoding.UTF8.GetBytes(ExampleNote.Replace("example m", "example  m", StringComparison.Ordinal)), out SignedNote? other, out _));
        Assert.False(other.TryVerify([key], out _, out string? error));
        Assert.Contains("not that of this text", error, StringComparison.Ordinal);
    }

    [Theory]
    [Requirement("AUD-306")]
    [InlineData("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/fox+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2")]
    [InlineData("example.com/foo+530d903a")]
    [InlineData("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("")]
    public void A_key_whose_parts_do_not_agree_is_none(string text) => Assert.False(VerifierKey.TryParse(text, out _));

    [Fact]
    [Requirement("AUD-307")]
    public void Unknown_keys_are_left_alone_a_bad_signature_of_a_known_one_is_not()
    {
        using Key secret = NewKey();
        VerifierKey key = VerifierKey.Create("log", VerifierKey.Ed25519Type, Public(secret));
        NoteSignature good = Sign(secret, key, "text\n");
        var stranger = new NoteSignature("stranger", 7, new byte[64]);
        var samename = new NoteSignature("log", key.KeyId ^ 1, new byte[64]);
        Assert.True(new SignedNote("text\n", [stranger, samename, good, good]).TryVerify([key], out IReadOnlyList<VerifiedSignature> verified, out _));
        Assert.Single(verified);
        Assert.False(new SignedNote("text\n", [stranger]).TryVerify([key], out _, out string? error));
        Assert.Equal("No signature is that of a known key.", error);
        Assert.False(new SignedNote("text\n", [good, good with { Value = new byte[64] }]).TryVerify([key], out _, out _));
        Assert.True(SignedNote.TryParse(Note(64), out _, out _));
        Assert.False(SignedNote.TryParse(Note(65), out _, out _));
        Assert.False(SignedNote.TryParse(new byte[SignedNote.MaxBytes + 1], out _, out _));

        static byte[] Note(int signatures) => new SignedNote("text\n", [.. Enumerable.Repeat(new NoteSignature("stranger", 7, new byte[64]), signatures)]).ToUtf8();
    }

    [Theory]
    [Requirement("AUD-302")]
    [InlineData("text\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n\n\u2014 a AAAAAAA=")]
    [InlineData("text\n\n- a AAAAAAA=\n")]
    [InlineData("text\n\n\u2014 a b AAAAAAA=\n")]
    [InlineData("text\n\n\u2014 a+b AAAAAAA=\n")]
    [InlineData("text\n\n\u2014 a AAAAAA==\n")]
    [InlineData("text\n\n\u2014 a AAAAAAB=\n")]
    [InlineData("te\txt\n\n\u2014 a AAAAAAA=\n")]
    [InlineData("te\rxt\n\n\u2014 a AAAAAAA=\n")]
    public void What_is_no_note_is_refused(string text) => Assert.False(SignedNote.TryParse(Encoding.UTF8.GetBytes(text), out _, out _));

    [Fact]
    [Requirement("AUD-302")]
    public void Bytes_that_are_no_utf8_are_no_note() => Assert.False(SignedNote.TryParse([0xff, .. "\n\n\u2014 a AAAAAAA=\n"u8], out _, out _));

    [Fact]
    [Requirement("AUD-301", "AUD-304")]
    public void A_checkpoint_has_three_lines_and_keeps_others()
    {
        var checkpoint = new Checkpoint("audit.example.org/prod", 42, MerkleTree.EmptyRoot);
        Assert.Equal("audit.example.org/prod\n42\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", checkpoint.ToString());
        Assert.True(Checkpoint.TryParse(checkpoint + "more\n", out Checkpoint? read, out _));
        Assert.Equal(["more"], read.Extensions);
        Assert.Equal(checkpoint + "more\n", read.ToString());
        Assert.True(Checkpoint.TryParse(new Checkpoint("a", long.MaxValue, default).ToString(), out _, out _));
    }

    [Theory]
    [Requirement("AUD-301", "AUD-303", "AUD-304")]
    [InlineData("a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData("a\n1\n")]
    [InlineData("a b\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("a+b\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("a\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("a\n+1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("a\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("a\n9223372036854775808\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n")]
    [InlineData("a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n")]
    [InlineData("a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuA==\n")]
    [InlineData("a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\nmore\n")]
    public void What_is_no_checkpoint_is_refused(string text) => Assert.False(Checkpoint.TryParse(text, out _, out _));

    [Fact]
    [Requirement("AUD-303")]
    public void An_origin_is_bounded()
    {
        Assert.Throws<ArgumentException>(() => new Checkpoint(new string('a', 256), 0, default));
        Assert.Throws<ArgumentException>(() => new Checkpoint("a\u00a0b", 0, default));
        Assert.Equal(255, new Checkpoint(new string('a', 255), 0, default).Origin.Length);
    }

    [Fact]
    [Requirement("AUD-314")]
    public void A_witness_signs_the_time_with_the_checkpoint()
    {
        using Key secret = NewKey();
        VerifierKey key = VerifierKey.Create("w1", VerifierKey.CosignatureType, Public(secret));
        string text = new Checkpoint("log", 3, default).ToString();
        NoteSignature signature = Cosign(secret, key, text, 1_767_225_600);
        Assert.True(key.Verify(text, signature.Value.Span, out DateTimeOffset? time));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_767_225_600), time);
        byte[] later = signature.Value.ToArray();
        later[7]++;
        Assert.False(key.Verify(text, later, out _));
        Assert.False(key.Verify(text, signature.Value.Span[8..], out _));
    }

    [Fact]
    [Requirement("AUD-315", "AUD-316")]
    public void A_policy_says_which_logs_and_how_many_witnesses()
    {
        using Key log = NewKey();
        Key[] keys = [NewKey(), NewKey(), NewKey()];
        VerifierKey logKey = VerifierKey.Create("log", VerifierKey.Ed25519Type, Public(log));
        VerifierKey[] witnesses = [.. keys.Select((key, i) => VerifierKey.Create($"w{i}", VerifierKey.CosignatureType, Public(key)))];
        string text = $"# ours\nlog {logKey} https://log.example/\n\twitness A {witnesses[0]}\nwitness B {witnesses[1]} https://b.example/\nwitness C {witnesses[2]}\ngroup two 2 A B\ngroup all all two C\nquorum all\n";
        Assert.True(TrustPolicy.TryParse(text, out TrustPolicy? policy, out string? error), error);
        Assert.True(policy.RequiresWitnesses);
        var checkpoint = new Checkpoint("log", 3, default);
        NoteSignature own = Sign(log, logKey, checkpoint.ToString());
        NoteSignature[] theirs = [.. keys.Select((key, i) => Cosign(key, witnesses[i], checkpoint.ToString(), 5))];
        Assert.True(policy.IsSatisfiedBy(Signed(own, theirs[0], theirs[1], theirs[2]), out _));
        Assert.False(policy.IsSatisfiedBy(Signed(own, theirs[0], theirs[1], theirs[1]), out error));
        Assert.Contains("Not enough witnesses", error, StringComparison.Ordinal);
        Assert.False(policy.IsSatisfiedBy(Signed(theirs), out _));
        Assert.True(TrustPolicy.TryParse($"log {logKey}\nquorum none\n", out TrustPolicy? alone, out _));
        Assert.False(alone.RequiresWitnesses);
        Assert.True(alone.IsSatisfiedBy(Signed(own), out _));
        foreach (Key key in keys)
        {
            key.Dispose();
        }

        SignedCheckpoint Signed(params NoteSignature[] signatures) => new(checkpoint, new SignedNote(checkpoint.ToString(), signatures));
    }

    [Theory]
    [Requirement("AUD-315")]
    [InlineData("", "no 'quorum' line")]
    [InlineData("quorum none\nquorum none", "a quorum already")]
    [InlineData("quorum X", "of a line above")]
    [InlineData("group none any X\nquorum none", "'X' is no witness")]
    [InlineData("log x\nquorum none", "Line 1: a log is")]
    [InlineData("witness A example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\nquorum none", "type 4")]
    [InlineData("log example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\nlog example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\nquorum none", "Line 2: this log's key")]
    [InlineData("trust me", "is not one of")]
    [InlineData("quorum none\r\n", "control character")]
    public void A_policy_with_a_mistake_names_the_line(string text, string expected)
    {
        Assert.False(TrustPolicy.TryParse(text, out _, out string? error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("AUD-217", "AUD-322")]
    public void A_receipt_proves_one_record_to_whoever_trusts_the_key()
    {
        using Key secret = NewKey();
        VerifierKey key = VerifierKey.Create("log", VerifierKey.Ed25519Type, Public(secret));
        byte[][] leaves = Merkle.ReferenceTree.Leaves;
        var checkpoint = new Checkpoint("log", 8, Merkle.ReferenceTree.Root(leaves));
        var signed = new SignedCheckpoint(checkpoint, new SignedNote(checkpoint.ToString(), [Sign(secret, key, checkpoint.ToString())]));
        var receipt = new Receipt(5, Merkle.ReferenceTree.Inclusion(5, leaves), signed, leaves[5]);
        string text = receipt.ToString();
        Assert.StartsWith("c2sp.org/tlog-proof@v1\nextra ", text, StringComparison.Ordinal);
        Assert.True(Receipt.TryParse(Encoding.UTF8.GetBytes(text), out Receipt? read, out string? error), error);
        Assert.Equal(text, read.ToString());
        Assert.True(read.Verify(read.Extra.Span, TrustPolicy.Of(key), out _));
        Assert.False(read.Verify(leaves[4], TrustPolicy.Of(key), out _));
        using Key other = NewKey();
        Assert.False(read.Verify(leaves[5], TrustPolicy.Of(VerifierKey.Create("log", VerifierKey.Ed25519Type, Public(other))), out _));
        foreach (string bad in new[] { text.Replace("index 5", "index 05", StringComparison.Ordinal), text.Replace("index 5\n", "", StringComparison.Ordinal), text[1..], text.Replace("\n\n", "\n", StringComparison.Ordinal) })
        {
            Assert.False(Receipt.TryParse(Encoding.UTF8.GetBytes(bad), out _, out _));
        }
    }

    [Theory]
    [Requirement("AUD-X17")]
    [InlineData("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "", "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72", "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82", "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void Signatures_of_the_rfc_verify_without_a_library(string key, string message, string signature)
    {
        byte[] text = Convert.FromHexString(message);
        byte[] value = Convert.FromHexString(signature);
        Assert.True(Ed25519.Verify(Convert.FromHexString(key), text, value));
        Assert.False(Ed25519.Verify(Convert.FromHexString(key), [.. text, 0], value));
    }

    [Fact]
    [Requirement("AUD-X17")]
    public void Two_implementations_agree_about_every_signature_good_or_bad()
    {
        using Key secret = NewKey();
        byte[] key = Public(secret);
        var random = new Random(25519);
        for (int i = 0; i < 300; i++)
        {
            byte[] message = new byte[i % 90];
            random.NextBytes(message);
            byte[] signature = SignatureAlgorithm.Ed25519.Sign(secret, message);
            Assert.True(Ed25519.Verify(key, message, signature));
            byte[] otherKey = [.. key];
            switch (i % 3)
            {
                case 0:
                    signature[random.Next(64)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    otherKey[random.Next(32)] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    random.NextBytes(signature.AsSpan(0, 32));
                    break;
            }

            Assert.Equal(Theirs(otherKey, message, signature), Ed25519.Verify(otherKey, message, signature));
        }
    }

    [Fact]
    [Requirement("AUD-X17")]
    public void Keys_of_small_order_and_numbers_not_reduced_are_refused()
    {
        // The identity as key and commitment: any message verifies for whoever only checks the equation.
        byte[] identity = new byte[32];
        identity[0] = 1;
        byte[] forged = [.. identity, .. new byte[32]];
        Assert.False(Ed25519.Verify(identity, "anything"u8, forged));
        Assert.False(Theirs(identity, "anything"u8.ToArray(), forged));
        using Key secret = NewKey();
        byte[] signature = SignatureAlgorithm.Ed25519.Sign(secret, "text"u8);
        var order = System.Numerics.BigInteger.Parse("7237005577332262213973186563042994240857116359379907606001950938285454250989", System.Globalization.CultureInfo.InvariantCulture);
        (new System.Numerics.BigInteger(signature.AsSpan(32), isUnsigned: true) + order).TryWriteBytes(signature.AsSpan(32), out _, isUnsigned: true);
        Assert.False(Ed25519.Verify(Public(secret), "text"u8, signature));
        Assert.False(Theirs(Public(secret), "text"u8.ToArray(), signature));
    }

    internal static Key NewKey() => Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });

    internal static byte[] Public(Key key) => key.PublicKey.Export(KeyBlobFormat.RawPublicKey);

    private static bool Theirs(byte[] key, byte[] message, byte[] signature) =>
        NSec.Cryptography.PublicKey.TryImport(SignatureAlgorithm.Ed25519, key, KeyBlobFormat.RawPublicKey, out PublicKey? imported) &&
        SignatureAlgorithm.Ed25519.Verify(imported!, message, signature);

    private static NoteSignature Sign(Key secret, VerifierKey key, string text) =>
        new(key.Name, key.KeyId, SignatureAlgorithm.Ed25519.Sign(secret, Encoding.UTF8.GetBytes(text)));

    private static NoteSignature Cosign(Key secret, VerifierKey key, string text, ulong seconds)
    {
        byte[] value = new byte[72];
        BinaryPrimitives.WriteUInt64BigEndian(value, seconds);
        SignatureAlgorithm.Ed25519.Sign(secret, VerifierKey.CosignedMessage(text, seconds)).CopyTo(value, 8);
        return new NoteSignature(key.Name, key.KeyId, value);
    }

    [Fact]
    [Requirement("AUD-X15", Partial = "the proof and who keeps it; the log refuses to start, and a kill switch of other processes comes with them")]
    public void Two_trees_of_one_size_under_one_key_are_a_proof_against_its_owner()
    {
        using var key = Agt.Audit.Signing.AuditKey.Create("log.example/fork");
        using var other = Agt.Audit.Signing.AuditKey.Create("log.example/fork");
        SignedCheckpoint one = Sign(7, "a"u8);
        SignedCheckpoint two = Sign(7, "b"u8);
        Assert.True(ForkProof.TryParse(new ForkProof(one, two).ToUtf8(), out ForkProof? proof, out string? error), error);
        Assert.True(proof.Proves(key.Key, out error), error);
        Assert.False(proof.Proves(other.Key, out _));
        Assert.False(new ForkProof(one, one).Proves(key.Key, out _));
        Assert.False(new ForkProof(one, Sign(8, "b"u8)).Proves(key.Key, out _));
        foreach (string text in new[] { "", ForkProof.Header, ForkProof.Header + "\n----\n", $"{ForkProof.Header}\n{one.Note}----\n", $"{one.Note}----\n{two.Note}" })
        {
            Assert.False(ForkProof.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out _, out error));
            Assert.NotEmpty(error);
        }

        SignedCheckpoint Sign(long size, ReadOnlySpan<byte> leaf)
        {
            var checkpoint = new Checkpoint(key.Key.Name, size, Agt.Audit.Merkle.MerkleTree.HashLeaf(leaf));
            return new SignedCheckpoint(checkpoint, new SignedNote(checkpoint.ToString(), [new NoteSignature(key.Key.Name, key.Key.KeyId, key.Sign(checkpoint.ToString()))]));
        }
    }
}
