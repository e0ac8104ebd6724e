namespace Agt.Conformance;

/// <summary>What the caller of the framework got.</summary>
/// <param name="Text">The text of the result; null if it threw.</param>
/// <param name="Error">What the framework threw; null if it returned.</param>
public sealed record DriveResult(string? Text, Exception? Error)
{
    /// <summary>Whether governance said no, by an exception or by the text of the result.</summary>
    public bool IsDenied => Denial is not null;

    /// <summary>The public text of the denial; null if there is none.</summary>
    public string? Denial
    {
        get
        {
            for (Exception? each = Error; each is not null; each = each.InnerException)
            {
                if (each is GovernanceDeniedException)
                {
                    return each.Message;
                }
            }

            return Text?.Contains("(decision ", StringComparison.Ordinal) == true ? Text : null;
        }
    }

    /// <summary>All that a caller can read of it: the text, and the messages of all exceptions.</summary>
    public string Readable
    {
        get
        {
            string text = Text ?? string.Empty;
            for (Exception? each = Error; each is not null; each = each.InnerException)
            {
                text += "\n" + each.Message;
            }

            return text;
        }
    }

    /// <summary>It returned.</summary>
    public static DriveResult Returned(string? text) => new(text ?? string.Empty, null);

    /// <summary>It threw.</summary>
    public static DriveResult Threw(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return new(null, error);
    }

    /// <summary>Runs a call of the framework and keeps what came of it. Use it around the framework's call in a fixture.</summary>
    /// <param name="call">The call.</param>
    public static async ValueTask<DriveResult> OfAsync(Func<Task<string?>> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        try
        {
            return Returned(await call().ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            return Threw(exception);
        }
    }

    /// <inheritdoc />
    public override string ToString() => Error is null ? $"returned \"{Text}\"" : $"threw {Error.GetType().Name}: {Error.Message}";
}
