using System.Text;
using Agt.Policy.Loading;
using Agt.Values;

namespace Agt.Policy.Acs;

/// <summary>
/// Reads manifests of the Agent Control Specification, YAML or JSON, with all they extend. Nothing is ever half loaded. Thread-safe.
/// </summary>
public static class AcsManifestLoader
{
    /// <summary>Loads a file and what it extends: files in its folder and below, and HTTPS addresses (POL-420 to 422).</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<AcsLoadResult> LoadAsync(string path, AcsLoadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= AcsLoadOptions.Default;
        options.Limits.Checked();
        var findings = new AcsFindings();
        using var fetcher = new AcsFetcher(options);
        AcsDraft? draft = await new AcsChain(findings, options, fetcher).LoadAsync(path, cancellationToken).ConfigureAwait(false);
        return Finish(findings, draft is null || findings.HasErrors ? null : new AcsComposer(findings, options.Limits).Compose(draft));
    }

    /// <summary>Loads a text. It extends nothing: a text has no folder, and an unresolved <c>extends</c> is refused.</summary>
    /// <param name="text">YAML, or JSON if it begins with a brace.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="options">How; null for the defaults.</param>
    public static AcsLoadResult LoadText(string text, string source = "manifest", AcsLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= AcsLoadOptions.Default;
        options.Limits.Checked();
        var findings = new AcsFindings();
        AcsDraft? draft = ReadDraft(text, source, findings, options);
        if (draft is { Extends: [var first, ..] })
        {
            findings.Error("AGTP331", source, first.Position, "/extends", "A manifest that is not read from a file cannot extend one.", "Load it from a file, or put what it extends into it.");
        }

        return Finish(findings, draft is null || findings.HasErrors ? null : new AcsComposer(findings, options.Limits).Compose(draft));
    }

    /// <summary>Checks one text by itself: its shape and, unless it extends something, what refers to something else. Reads nothing.</summary>
    /// <param name="text">YAML, or JSON if it begins with a brace.</param>
    /// <param name="source">What messages call it.</param>
    /// <returns>What is wrong with it. Codes up to AGTP299 are about YAML or JSON, AGTP300 to 319 about the shape, the rest about what it means.</returns>
    public static IReadOnlyList<PolicyDiagnostic> Validate(string text, string source = "manifest")
    {
        ArgumentNullException.ThrowIfNull(text);
        var findings = new AcsFindings();
        if (ReadDraft(text, source, findings, AcsLoadOptions.Default) is { } draft)
        {
            var composer = new AcsComposer(findings, AcsLimits.Default);
            if (draft.Extends.Count > 0)
            {
                composer.CheckVersion(draft);
            }
            else
            {
                composer.Compose(draft);
            }
        }

        return findings.Found;
    }

    internal static AcsDraft? ReadDraft(string text, string source, AcsFindings findings, AcsLoadOptions options) =>
        ReadDraft(Encoding.UTF8.GetBytes(text), text.AsSpan().TrimStart().StartsWith("{"), source, findings, options);

    internal static AcsDraft? ReadDraft(byte[] bytes, bool json, string source, AcsFindings findings, AcsLoadOptions options)
    {
        if (bytes.Length > options.Limits.MaxManifestBytes)
        {
            findings.TooLarge(source, $"The manifest has {bytes.Length} bytes; at most {options.Limits.MaxManifestBytes} are read.", "Split it, or raise AcsLimits.MaxManifestBytes.");
            return null;
        }

        try
        {
            var bounds = new PolicyLoadOptions { MaxBytes = options.Limits.MaxManifestBytes };
            FileEncoding.Check(bytes);
            DocumentNode root = json ? JsonDocumentTreeReader.Read(bytes, bounds) : YamlDocumentReader.Read(Encoding.UTF8.GetString(bytes), bounds);
            return new AcsShapeReader(source, findings).Read(root);
        }
        catch (DocumentException exception)
        {
            findings.Error(exception.Code, source, exception.Position, string.Empty, exception.Message, exception.Fix);
        }
        catch (PayloadException exception)
        {
            findings.Error("AGTP305", source, default, string.Empty, exception.Message, "Make it smaller or flatter.");
        }

        return null;
    }

    private static AcsLoadResult Finish(AcsFindings findings, AcsManifest? manifest) =>
        new(manifest, findings.Found, manifest is not null ? null : findings.IsTooLarge ? AcsReasons.ResourceLimitExceeded : AcsReasons.ManifestInvalid);
}
