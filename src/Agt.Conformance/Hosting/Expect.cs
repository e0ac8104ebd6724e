namespace Agt.Conformance;

/// <summary>What a check holds an adapter to. Every failure says what was expected and what was seen.</summary>
internal static class Expect
{
    internal static void That(bool holds, string expected, object? seen)
    {
        if (!holds)
        {
            throw new ConformanceException($"Expected {expected}; saw {seen ?? "nothing"}.");
        }
    }

    internal static void Same(object? expected, object? seen, string what) => That(Equals(expected, seen), $"{what}: {expected ?? "nothing"}", seen);

    internal static void Denied(DriveResult result, string what) => That(result.IsDenied, $"{what} to be denied", result);

    internal static void Allowed(DriveResult result, string what) => That(result.Error is null && !result.IsDenied, $"{what} to be allowed", result);

    internal static void Calls(ProbeTool tool, int count, string what) => That(tool.Calls.Count == count, $"{what}: {tool.Name} to run {count} times", $"{tool.Calls.Count} times");
}
