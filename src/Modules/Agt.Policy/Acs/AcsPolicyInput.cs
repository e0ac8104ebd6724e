using System.Buffers;
using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>The five members of a policy input, from which the input, its canonical text and its identities are made (POL-409, 410).</summary>
internal readonly record struct AcsPolicyInput(AcsPoint Point, GovernedValue Target, GovernedValue Snapshot, GovernedValue Annotations, GovernedValue Tool)
{
    internal GovernedValue ToValue()
    {
        ValueArena arena = AcsValues.NewArena();
        arena.BeginMap();
        arena.Name("annotations");
        arena.Write(Annotations);
        arena.Name("intervention_point");
        arena.Write(GovernedValue.From(Point.Point.WireName()));
        arena.Name("policy_target");
        arena.BeginMap();
        arena.Name("kind");
        arena.Write(GovernedValue.From(Point.PolicyTargetKind));
        arena.Name("path");
        arena.Write(GovernedValue.From(Point.PolicyTarget));
        arena.Name("value");
        arena.Write(Target);
        arena.End(uniqueNames: true);
        arena.Name("snapshot");
        arena.Write(Snapshot);
        arena.Name("tool");
        arena.Write(Tool);
        return arena.End(uniqueNames: true);
    }

    /// <summary>The canonical text; its members happen to be in order.</summary>
    internal byte[] ToCanonical(ReadOnlySpan<byte> snapshot)
    {
        var output = new ArrayBufferWriter<byte>((snapshot.Length * 2) + 256);
        output.Write("{\"annotations\":"u8);
        AcsCanonicalJson.Write(output, Annotations);
        output.Write(",\"intervention_point\":"u8);
        AcsCanonicalJson.WriteText(output, Point.Point.WireName());
        output.Write(",\"policy_target\":{\"kind\":"u8);
        AcsCanonicalJson.Write(output, GovernedValue.From(Point.PolicyTargetKind));
        output.Write(",\"path\":"u8);
        AcsCanonicalJson.WriteText(output, Point.PolicyTarget);
        output.Write(",\"value\":"u8);
        AcsCanonicalJson.Write(output, Target);
        output.Write("},\"snapshot\":"u8);
        output.Write(snapshot);
        output.Write(",\"tool\":"u8);
        AcsCanonicalJson.Write(output, Tool);
        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }
}
