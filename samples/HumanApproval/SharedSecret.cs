using System.Security.Cryptography;

namespace HumanApproval;

/// <summary>What both programs know and nobody else: 32 random bytes in a file that only its owner can read. Whoever starts first writes it.</summary>
internal static class SharedSecret
{
    internal static byte[] Load(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using var file = new FileStream(path, options);
            file.Write(RandomNumberGenerator.GetBytes(32));
        }
        catch (IOException) when (File.Exists(path))
        {
            // The other one was faster.
        }

        return File.ReadAllBytes(path);
    }
}
