namespace Agt.Adapters.ExtensionsAI;

/// <summary>When a streamed reply is let out (spec 08, ADP-130, ADP-132).</summary>
public enum StreamingMode
{
    /// <summary>When it is whole and was decided on. The default.</summary>
    Buffer,

    /// <summary>
    /// As it comes, but for the last characters, so that no character of a text that is denied anywhere in the chain goes out. Only where every interceptor says which texts it denies
    /// (<see cref="IWindowedInterceptor"/>) and approvals are <see cref="ApprovalMode.Inline"/>; otherwise it is <see cref="Buffer"/>. Calls of tools are always whole before they go on, and
    /// whatever is not text, and all after it, waits for the end. The reply as a whole is still decided on; a denial ends the stream with one update that says so.
    /// </summary>
    Window,

    /// <summary>
    /// As it comes, untouched, and decided on afterwards (spec 08, ADP-137). Only where the host evaluates and enforces nothing (<see cref="GovernanceMode.EvaluateOnly"/>): anywhere else it is
    /// refused when the client is wrapped. What is longer than may be held back is not judged as a whole; that is recorded as a failure. With <see cref="ApprovalMode.Native"/> it is <see cref="Buffer"/>.
    /// </summary>
    Observe,
}
