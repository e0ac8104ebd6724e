namespace Agt.Audit.Sealing;

/// <summary>What a member of the arguments holds, and so what a record may say of it (spec 09, AUD-601).</summary>
public enum MemberClass
{
    /// <summary>Something about a person: sealed for the subject, one by one, and erasable; the record holds a salted digest in its place.</summary>
    Personal,

    /// <summary>A secret: kept nowhere; the record says that there was one.</summary>
    Secret,
}
