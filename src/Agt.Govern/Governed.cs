namespace Agt;

/// <summary>Puts single functions under policies of their own, without a host (spec 01, POL-185).</summary>
public static class Governed
{
    /// <summary>Makes a function that is decided on before each call.</summary>
    /// <typeparam name="TResult">What it returns.</typeparam>
    /// <param name="tool">The name under which the policy knows it.</param>
    /// <param name="function">What runs if it may, from the arguments that were decided on.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="configure">Who calls, who approves, what a denied call returns, and more; null for the defaults.</param>
    /// <exception cref="Policy.PolicyLoadException">The policy is refused; the message names file, line and what to do.</exception>
    public static GovernedFunction<TResult> Govern<TResult>(
        string tool, Func<GovernedArguments, CancellationToken, ValueTask<TResult>> function, FunctionPolicy policy, Action<GovernOptions<TResult>>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(tool);
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(policy);
        var options = new GovernOptions<TResult>();
        configure?.Invoke(options);
        return new GovernedFunction<TResult>(tool, function, policy, options);
    }
}
