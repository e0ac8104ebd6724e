namespace Agt.Approvals;

/// <summary>An exchange with the receiver of approvals failed in a way that may pass.</summary>
internal sealed class WebhookFailedException(string message, Exception? inner = null) : Exception(message, inner);
