using System.Globalization;
using System.Text;
using Agt.Audit.Merkle;
using Agt.Audit.Stores;

namespace Agt.Audit.Tests.Stores;

/// <summary>Leaves that are the same in every run, and a tree that grows with them as the log's own does.</summary>
internal sealed class Batches
{
    internal Batches()
        : this(new CompactRange())
    {
    }

    internal Batches(CompactRange tree) => Tree = tree;

    internal CompactRange Tree { get; }

    internal static byte[] Leaf(long index) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"action":"act-{{index}}","kind":"event","v":1}"""));

    /// <summary>A batch of the next leaves. The tree has grown with it.</summary>
    internal AuditBatch Next(int count) => Next([.. Enumerable.Range(0, count).Select(i => Leaf(Tree.Size + i))]);

    internal AuditBatch Next(params byte[][] leaves)
    {
        var batch = new AuditBatch();
        batch.Begin(Tree.Size);
        foreach (byte[] leaf in leaves)
        {
            batch.Add(leaf);
        }

        batch.Integrate(Tree);
        return batch;
    }

    /// <summary>Appends the next leaves, some at a time.</summary>
    internal void Fill(IAuditStore store, long size, int atOnce = 4_000)
    {
        while (Tree.Size < size)
        {
            store.Append(Next((int)Math.Min(atOnce, size - Tree.Size)));
        }
    }
}
