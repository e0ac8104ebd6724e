using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace Agt.Audit.Stores;

/// <summary>Flushes a directory to disk, which .NET has no call for: without it the name of a new file may be gone after a power cut (open(2), fsync(2)).</summary>
[SupportedOSPlatform("linux")]
internal static class LinuxDirectory
{
    private const int ReadOnlyDirectory = 0x10000 | 0x80000; // O_RDONLY | O_DIRECTORY | O_CLOEXEC

    internal static void Flush(string path)
    {
        int descriptor = Open(Encoding.UTF8.GetBytes(path + '\0'), ReadOnlyDirectory);
        if (descriptor < 0)
        {
            throw Failed(path);
        }

        try
        {
            if (Sync(descriptor) != 0)
            {
                throw Failed(path);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failed(string path) => new($"The directory '{path}' cannot be flushed to disk.", new Win32Exception(Marshal.GetLastPInvokeError()));

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Sync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
