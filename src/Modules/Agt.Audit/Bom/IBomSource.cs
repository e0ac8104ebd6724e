namespace Agt.Audit.Bom;

/// <summary>Knows something about decisions: an audit trail, a history of trust scores, evaluations of policies, traces. May throw: the source is left out then.</summary>
public interface IBomSource
{
    /// <summary>What is known, in any order. More than was asked for does no harm.</summary>
    /// <param name="question">What is asked.</param>
    IReadOnlyList<BomEvidence> Find(BomQuestion question);
}
