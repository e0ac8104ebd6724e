namespace Agt.Values;

/// <summary>Turns an object of the host's own classes into JSON (UTF-8), so that it can be frozen.</summary>
/// <param name="value">The object.</param>
/// <returns>One JSON value.</returns>
public delegate ReadOnlyMemory<byte> PayloadConverter(object value);
