namespace Agt.Adapters.SemanticKernel;

/// <summary>When a streamed reply of a governed chat or text service is let out (spec 08, ADP-130, ADP-132).</summary>
public enum StreamingMode
{
    /// <summary>When it is whole and was decided on. The default.</summary>
    Buffer,

    /// <summary>
    /// As it comes, but for the last characters, so that no character of a text that is denied anywhere in the chain goes out. Only where every interceptor says which texts it denies
    /// (<see cref="IWindowedInterceptor"/>); otherwise it is <see cref="Buffer"/>. From the first call of a tool on, updates wait for the end. The reply as a whole is still decided on; a
    /// denial after the first update ends the stream with one that says so, and an earlier one is a <see cref="GovernanceDeniedException"/> as ever. What functions of the kernel stream is
    /// always held back.
    /// </summary>
    Window,

    /// <summary>
    /// As it comes, untouched, and decided on afterwards (spec 08, ADP-137). Only where the host evaluates and enforces nothing (<see cref="GovernanceMode.EvaluateOnly"/>): anywhere else it is
    /// refused when the kernel is governed. What is longer than may be held back is not judged as a whole; that is recorded as a failure.
    /// </summary>
    Observe,
}
