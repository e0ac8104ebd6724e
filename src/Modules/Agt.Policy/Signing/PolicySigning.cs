using System.Text;
using Agt.Policy.Loading;

namespace Agt.Policy.Signing;

/// <summary>Finds and checks the signature of a policy file while it is loaded.</summary>
internal static class PolicySigning
{
    /// <summary>Why a text is refused when files must be signed; null when they need not.</summary>
    internal static PolicyDiagnostic? RefuseUnsigned(string source, PolicyLoadOptions options) => options.RequireSigned
        ? Refuse("AGTP067", source, "Policies must be signed, and this one is not read from a file that could have a signature beside it.", "Load it from a file that is signed, or do not require signatures.")
        : null;

    /// <summary>Checks the file against the signature beside it.</summary>
    /// <param name="path">The policy file.</param>
    /// <param name="bytes">What was read of it.</param>
    /// <param name="options">Whom to trust.</param>
    /// <param name="signer">The key that signed, or null if there is no signature and none is needed.</param>
    /// <returns>Why the file is refused, or null.</returns>
    internal static PolicyDiagnostic? Check(string path, byte[] bytes, PolicyLoadOptions options, out string? signer)
    {
        signer = null;
        if (options.TrustedSigners.Count == 0 && !options.RequireSigned)
        {
            return null;
        }

        string beside = path + PolicySignature.FileSuffix;
        if (!File.Exists(beside))
        {
            return options.RequireSigned
                ? Refuse("AGTP067", path, $"Policies must be signed, and there is no {Path.GetFileName(beside)} beside this one.", "Sign it: agt policy sign.")
                : null;
        }

        using FileStream stream = File.OpenRead(beside);
        if (BoundedReader.Read(stream, PolicySignature.MaxBytes) is not { } signature)
        {
            return Refuse("AGTP068", path, $"The signature in {Path.GetFileName(beside)} has more than {PolicySignature.MaxBytes} bytes.", "Sign the file again: agt policy sign.");
        }

        signer = PolicySignature.Verify(bytes, Encoding.UTF8.GetString(signature), options.TrustedSigners, out string? problem);
        return problem is null ? null : Refuse("AGTP068", path, $"The signature in {Path.GetFileName(beside)} does not hold. {problem}", "Review the file, then sign it again with a key that is trusted: agt policy sign.");
    }

    private static PolicyDiagnostic Refuse(string code, string source, string message, string fix) => new(DiagnosticSeverity.Error, code, source, default, string.Empty, message, fix);
}
