namespace Agt.Audit.Records;

/// <summary>A record that was handed in cannot be one (<c>InvalidRecord</c>). Nothing was recorded.</summary>
public sealed class InvalidRecordException : Exception
{
    /// <summary>Creates one.</summary>
    public InvalidRecordException()
        : this("The record cannot be one.")
    {
    }

    /// <summary>Creates one.</summary>
    /// <param name="message">What is wrong, and what would be right.</param>
    public InvalidRecordException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one.</summary>
    /// <param name="message">What is wrong, and what would be right.</param>
    /// <param name="innerException">The cause.</param>
    public InvalidRecordException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates one about a member.</summary>
    /// <param name="member">Its name.</param>
    /// <param name="message">What is wrong, and what would be right.</param>
    public InvalidRecordException(string member, string message)
        : base(message) => Member = member;

    /// <summary>The member that is wrong; null for the record as a whole.</summary>
    public string? Member { get; }
}
