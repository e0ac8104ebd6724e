using Microsoft.Extensions.Options;

namespace Agt.Policy;

internal sealed class PolicyOptionsValidator : IValidateOptions<PolicyOptions>
{
    public ValidateOptionsResult Validate(string? name, PolicyOptions options)
    {
        var failures = new List<string>();
        if (options.MaxScannedCharacters < 1)
        {
            failures.Add("Policy: MaxScannedCharacters must be at least 1.");
        }

        if (options.MaxRateLimitKeys is < 1 or > 10_000_000)
        {
            failures.Add("Policy: MaxRateLimitKeys must be between 1 and 10,000,000.");
        }

        if (options.ReloadDebounce <= TimeSpan.Zero || options.ReloadDebounce > TimeSpan.FromHours(1))
        {
            failures.Add("Policy: ReloadDebounce must be more than zero and at most an hour.");
        }

        if (options.MaxFolders is < 1 or > 10_000_000)
        {
            failures.Add("Policy: MaxFolders must be between 1 and 10,000,000.");
        }

        if (options.RootDirectory is not null && string.IsNullOrWhiteSpace(options.RootDirectory))
        {
            failures.Add("Policy: RootDirectory must name a directory, or be null.");
        }

        if (options.RootDirectory is not null && (options.PathArguments.Count == 0 || options.PathArguments.Any(string.IsNullOrWhiteSpace)))
        {
            failures.Add("Policy: PathArguments must name at least one argument.");
        }

        if (options.Loading is null)
        {
            failures.Add("Policy: Loading must be set.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
