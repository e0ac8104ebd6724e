using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace Agt.Adapters.SemanticKernel.Functions;

/// <summary>What stays the same from call to call of one function. Immutable; kept as long as the function lives.</summary>
internal sealed class FunctionPlan
{
    internal FunctionPlan(KernelFunction function, ActionTemplate template, ReasonCode? refusal)
    {
        Template = template;
        Refusal = refusal;
        Parameters = [.. function.Metadata.Parameters.Select(parameter => new FunctionParameter(parameter.Name, parameter.ParameterType ?? typeof(object)))];
        var own = function.JsonSerializerOptions;
        Json = new FrozenJson(own is { TypeInfoResolver: not null } ? own : AIJsonUtilities.DefaultOptions);
        Codec = new FunctionResultCodec(Json);
    }

    /// <summary>Where, who and which tool.</summary>
    internal ActionTemplate Template { get; }

    /// <summary>Whether a call is a request to a model, which is decided on as input.</summary>
    internal bool IsPrompt => Template.Point == InterventionPoint.Input;

    /// <summary>Why no call of the function can be decided on; null normally.</summary>
    internal ReasonCode? Refusal { get; }

    internal FunctionParameter[] Parameters { get; }

    internal FrozenJson Json { get; }

    internal ResultCodec Codec { get; }

    /// <summary>The id by which policies know the function.</summary>
    internal static string IdOf(KernelFunction function) => function.PluginName is { Length: > 0 } plugin ? plugin + "." + function.Name : function.Name;

    internal FunctionParameter? Find(string name)
    {
        foreach (FunctionParameter parameter in Parameters)
        {
            if (string.Equals(parameter.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return parameter;
            }
        }

        return null;
    }
}
