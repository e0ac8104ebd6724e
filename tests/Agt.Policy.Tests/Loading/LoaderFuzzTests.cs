using System.Text;
using Agt.Policy.Syntax;
using CsCheck;

namespace Agt.Policy.Tests.Loading;

public sealed class LoaderFuzzTests
{
    private static readonly byte[] Yaml = Encoding.UTF8.GetBytes("""
        apiVersion: governance.toolkit/v1
        name: &n fuzz
        agents: ["*", 'a']
        default_action: allow
        limits: {max_tool_calls: 3}
        rules:
          - name: one
            condition: "tool_name == 'x' and (args.n > 5 or not has(args.y))"
            action: deny
            x-note: *n
          - name: two
            condition: {all: [{field: a.b, operator: in, value: [1, 2.5, x]}, {not: {field: c, operator: matches, value: '^a+$'}}]}
            action: redact
            transforms:
              - {path: "args.to[0]", pattern: '\d+'}
          - name: three
            condition: |
              output contains "é😀"
            stage: post_tool
            action: rate_limit
            limit: 5/min
        """);

    private static readonly byte[] Json = """{"apiVersion":"governance.toolkit/v1","name":"f","agent":"*","rules":[{"name":"a","condition":"args.x in ['a',1]","action":"warn"},{"name":"b","condition":{"field":"x","operator":"eq","value":null}}]}"""u8.ToArray();

    [Fact]
    [Requirement("POL-013", "POL-018")]
    public void Whatever_the_bytes_the_loader_neither_crashes_nor_hangs_and_every_rejection_has_a_place()
    {
        Gen<byte[]> bytes = Gen.OneOf(Mutated(Yaml), Mutated(Yaml), Mutated(Json), Gen.Byte.Array[0, 200]);
        Gen.Select(bytes, Gen.Bool).Sample(
            (data, json) =>
            {
                PolicyLoadResult result = PolicyLoader.LoadBytes(data, "fuzz", json, PolicyLoadOptions.Default, new PatternCache());
                return result.Documents.Count == 1
                    ? result.IsSuccess
                    : !result.IsSuccess && result.Diagnostics.All(d => d.Position.Line >= 1 && d.Position.Column >= 1 && d.Message.Length > 0 && d.Fix.Length > 0);
            },
            iter: 30_000);
    }

    private static Gen<byte[]> Mutated(byte[] seed)
    {
        Gen<(int At, int Kind, byte Value)> edit = Gen.Select(Gen.Int[0, seed.Length - 1], Gen.Int[0, 4], Gen.OneOf(Gen.Byte, Gen.OneOf("\n\t :-[]{}&*!|>'\"#%@\\,?"u8.ToArray())));
        return edit.Array[1, 6].Select(edits =>
        {
            var data = new List<byte>(seed);
            foreach ((int at, int kind, byte value) in edits)
            {
                int place = Math.Min(at, data.Count - 1);
                switch (kind)
                {
                    case 0:
                        data[place] = value;
                        break;
                    case 1:
                        data.Insert(place, value);
                        break;
                    case 2:
                        data.RemoveAt(place);
                        break;
                    case 3:
                        data.RemoveRange(place, Math.Min(20, data.Count - place));
                        break;
                    default:
                        data.InsertRange(place, data.GetRange(place / 2, Math.Min(30, data.Count - (place / 2))));
                        break;
                }

                if (data.Count == 0)
                {
                    break;
                }
            }

            return data.ToArray();
        });
    }
}
