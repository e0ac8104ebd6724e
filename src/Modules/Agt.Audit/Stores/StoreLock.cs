namespace Agt.Audit.Stores;

/// <summary>A file that one process has open alone, for as long as it writes a log. The system gives it up with the process.</summary>
internal static class StoreLock
{
    private const int WouldBlock = 11;
    private const int WouldBlockBsd = 35;
    private const int SharingViolation = unchecked((int)0x80070020);

    internal static FileStream Take(string path)
    {
        try
        {
            return ProtectedFiles.Open(path, FileMode.OpenOrCreate, FileShare.None);
        }
        catch (IOException exception) when (exception.HResult is WouldBlock or WouldBlockBsd or SharingViolation)
        {
            throw new AuditStoreException(AuditStoreProblem.Locked, $"Another process writes the audit log ('{path}' is taken). A log has one writer: give this one a directory of its own, or stop the other.", exception);
        }
    }
}
