namespace Agt.Docs;

/// <summary>A page cannot be generated; the message says where and why.</summary>
internal sealed class DocsException(string message) : Exception(message);
