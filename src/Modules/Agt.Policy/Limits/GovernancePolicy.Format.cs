namespace Agt.Policy.Limits;

/// <summary>Reading and writing policies.</summary>
public sealed partial record GovernancePolicy
{
    /// <summary>Reads a policy (POL-159). A field that is not written has its default; a key that is unknown is passed over.</summary>
    /// <param name="text">YAML, or JSON if it begins with a brace.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="findings">Takes warnings, such as of unknown keys; null to go without.</param>
    /// <exception cref="PolicyLoadException">It is malformed, or a field is not what it has to be; the message says which and where.</exception>
    public static GovernancePolicy FromYaml(string text, string source = "policy", ICollection<PolicyDiagnostic>? findings = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return GovernancePolicyReader.Read(text, source, findings);
    }

    /// <summary>Reads a policy from a map of text, numbers, true or false, lists and maps, as <see cref="ToMap"/> writes it.</summary>
    /// <param name="map">The fields by the names they have in files.</param>
    /// <param name="findings">Takes warnings, such as of unknown keys; null to go without.</param>
    /// <exception cref="PolicyLoadException">A field is not what it has to be; the message says which.</exception>
    public static GovernancePolicy FromMap(IReadOnlyDictionary<string, object?> map, ICollection<PolicyDiagnostic>? findings = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        return GovernancePolicyReader.Read(map, findings);
    }

    /// <summary>Reads a policy back from the rules of <see cref="ToPolicyText"/> (POL-160). What rules cannot say comes from its <c>x-governance-policy</c>.</summary>
    /// <param name="text">The policy file.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="PolicyLoadException">It is malformed, or holds a rule that no field of a governance policy says.</exception>
    public static GovernancePolicy FromPolicyText(string text, string source = "policy")
    {
        ArgumentNullException.ThrowIfNull(text);
        return GovernancePolicyRules.Read(text, source);
    }

    /// <summary>All fields as YAML, each on a line; <see cref="FromYaml"/> gives an equal policy.</summary>
    public string ToYaml() => GovernancePolicyFormat.ToYaml(this);

    /// <summary>All fields by the names they have in files; <see cref="FromMap"/> gives an equal policy.</summary>
    public IReadOnlyDictionary<string, object?> ToMap() => GovernancePolicyFormat.ToMap(this);

    /// <summary>
    /// The same limits as a policy file of the Agent OS kind (POL-160), for tools that know no other: tokens at priority 100, tool calls at 99, then tools, patterns, confidence and approval.
    /// Patterns are looked for in the JSON text of all arguments, so that anchors of a regular expression mean its ends; what is put in force by <c>AddGovernancePolicy</c> looks at each text too.
    /// </summary>
    /// <exception cref="InvalidOperationException">A pattern or the list of tools is too long for a rule.</exception>
    public string ToPolicyText() => GovernancePolicyRules.Write(this);
}
