namespace Agt.Policy.Acs;

/// <summary>An evaluation ends here with a reserved reason. Never leaves the runtime.</summary>
internal sealed class AcsException(string reason, string detail, Exception? inner = null) : Exception(detail, inner)
{
    internal string Reason => reason;
}
