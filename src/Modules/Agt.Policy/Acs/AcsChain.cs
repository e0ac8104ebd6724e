using System.Security.Cryptography;
using Agt.Policy.Loading;

namespace Agt.Policy.Acs;

/// <summary>Loads a manifest with all that it extends, parents first (codes AGTP332 to 345).</summary>
internal sealed class AcsChain(AcsFindings findings, AcsLoadOptions options, AcsFetcher fetcher)
{
    private const int MaxManifests = 256;
    private readonly AcsMerge _merge = new(findings);
    private readonly List<string> _stack = [];
    private string _root = string.Empty;
    private int _loaded;

    internal async Task<AcsDraft?> LoadAsync(string path, CancellationToken cancellationToken)
    {
        string full;
        try
        {
            full = ExtendsResolver.RealPath(Path.GetFullPath(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            findings.Error("AGTP332", path, default, string.Empty, "The manifest cannot be read: " + exception.Message, "Check the path.");
            return null;
        }

        _root = Path.GetDirectoryName(full) ?? full;
        return await FileAsync(full, path, default, path, cancellationToken).ConfigureAwait(false);
    }

    private async Task<AcsDraft?> FileAsync(string full, string source, SourcePosition position, string from, CancellationToken cancellationToken)
    {
        if (!Enter(full, source, from, position))
        {
            return null;
        }

        byte[]? bytes;
        try
        {
            var stream = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.Read);
            await using (stream.ConfigureAwait(false))
            {
                bytes = BoundedReader.Read(stream, options.Limits.MaxManifestBytes);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            findings.Error("AGTP332", from, position, "/extends", $"{source} cannot be read: {exception.Message}", "Check that it is there, and its permissions.");
            return null;
        }

        if (bytes is null)
        {
            findings.TooLarge(source, $"The manifest has more than {options.Limits.MaxManifestBytes} bytes.", "Split it, or raise AcsLimits.MaxManifestBytes.");
            return null;
        }

        AcsDraft? draft = AcsManifestLoader.ReadDraft(bytes, full.EndsWith(".json", StringComparison.OrdinalIgnoreCase), source, findings, options);
        if (draft is null)
        {
            return null;
        }

        AcsLocalPaths.MakeAbsolute(draft, Path.GetDirectoryName(full)!);
        return await WithParentsAsync(draft, full, null, pinned: true, cancellationToken).ConfigureAwait(false);
    }

    private async Task<AcsDraft?> UrlAsync(Uri url, AcsReference reference, string from, bool pinned, CancellationToken cancellationToken)
    {
        string source = url.AbsoluteUri;
        if (!options.AllowUrls)
        {
            findings.Error("AGTP340", from, reference.Position, "/extends", "Manifests are not fetched from addresses here.", "Keep a copy in the folder, or set AcsLoadOptions.AllowUrls.");
            return null;
        }

        if (!Enter(source, source, from, reference.Position))
        {
            return null;
        }

        AcsFetched fetched = await fetcher.FetchAsync(url, cancellationToken).ConfigureAwait(false);
        if (fetched.Body is not { } body)
        {
            if (fetched.IsTooLarge)
            {
                findings.TooLarge(source, fetched.Error!, "Split it, or raise AcsLimits.MaxUrlBytes.");
            }
            else
            {
                findings.Error("AGTP341", from, reference.Position, "/extends", $"{source} cannot be fetched: {fetched.Error}", "Check the address.");
            }

            return null;
        }

        if (reference.Sha256 is { } expected && !CryptographicOperations.FixedTimeEquals(SHA256.HashData(body), expected))
        {
            findings.Error("AGTP342", from, reference.Position, "/extends", $"What {source} serves is not what the digest says.", "Look at what changed; then correct the digest.");
            return null;
        }

        if (reference.Sha256 is null)
        {
            findings.Warn("AGTP343", from, reference.Position, "/extends", $"{source} is not pinned: who serves it can change what is allowed.", "Add sha256 or integrity.");
        }

        AcsDraft? draft = AcsManifestLoader.ReadDraft(body, url.AbsolutePath.EndsWith(".json", StringComparison.OrdinalIgnoreCase), source, findings, options);
        pinned &= reference.Sha256 is not null;
        if (draft is null || !AcsLocalPaths.CheckRemote(draft, pinned, findings))
        {
            return null;
        }

        return await WithParentsAsync(draft, source, url, pinned, cancellationToken).ConfigureAwait(false);
    }

    private async Task<AcsDraft?> WithParentsAsync(AcsDraft draft, string location, Uri? url, bool pinned, CancellationToken cancellationToken)
    {
        var composed = new AcsDraft(draft.Source);
        _stack.Add(location);
        foreach (AcsReference reference in draft.Extends)
        {
            AcsDraft? parent = await ParentAsync(reference, draft, location, url, pinned, cancellationToken).ConfigureAwait(false);
            if (parent is null)
            {
                return null;
            }

            _merge.Into(composed, parent);
        }

        _stack.RemoveAt(_stack.Count - 1);
        _merge.Into(composed, draft);
        return findings.HasErrors ? null : composed;
    }

    private async Task<AcsDraft?> ParentAsync(AcsReference reference, AcsDraft child, string location, Uri? url, bool pinned, CancellationToken cancellationToken)
    {
        if (reference.IsUrl || url is not null)
        {
            string target = url is not null && Uri.TryCreate(url, reference.Target, out Uri? joined) ? joined.OriginalString : reference.Target;
            if (AcsUrls.TryParse(target, out Uri? address, out string error))
            {
                return await UrlAsync(address!, reference, child.Source, pinned, cancellationToken).ConfigureAwait(false);
            }

            findings.Error("AGTP344", child.Source, reference.Position, "/extends", error, "Correct the address.");
            return null;
        }

        string full;
        try
        {
            full = Path.GetFullPath(reference.Target, Path.GetDirectoryName(location)!);
            if (!File.Exists(full))
            {
                findings.Error("AGTP332", child.Source, reference.Position, "/extends", $"There is no file {YamlDocumentReader.Shown(reference.Target)}.", "Correct the path; it is relative to the file that names it.");
                return null;
            }

            full = ExtendsResolver.RealPath(full);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            findings.Error("AGTP332", child.Source, reference.Position, "/extends", $"{YamlDocumentReader.Shown(reference.Target)} cannot be read: {exception.Message}", "Correct the path.");
            return null;
        }

        if (!full.StartsWith(Path.EndsInDirectorySeparator(_root) ? _root : _root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            findings.Error("AGTP333", child.Source, reference.Position, "/extends", $"{YamlDocumentReader.Shown(reference.Target)} lies outside the folder of the first manifest.", "Only files in that folder and below can be extended.");
            return null;
        }

        return await FileAsync(full, Path.Combine(Path.GetDirectoryName(child.Source) ?? string.Empty, reference.Target), reference.Position, child.Source, cancellationToken).ConfigureAwait(false);
    }

    private bool Enter(string location, string source, string from, SourcePosition position)
    {
        if (_stack.Contains(location, StringComparer.Ordinal))
        {
            findings.Error(
                "AGTP334", from, position, "/extends", "extends goes round in a circle: " + string.Join(" -> ", _stack.Append(location).Select(Shown)) + ".", "Take one of them out.");
            return false;
        }

        if (_stack.Count + 1 > options.Limits.MaxExtendsDepth)
        {
            findings.TooLarge(source, $"More than {options.Limits.MaxExtendsDepth} manifests extend each other.", "Put them together, or raise AcsLimits.MaxExtendsDepth.");
            return false;
        }

        if (++_loaded > MaxManifests)
        {
            findings.TooLarge(source, $"More than {MaxManifests} manifests are read for one.", "Put them together.");
            return false;
        }

        return true;
    }

    private string Shown(string location) => location.StartsWith(_root, StringComparison.Ordinal) ? Path.GetRelativePath(_root, location) : location;
}
