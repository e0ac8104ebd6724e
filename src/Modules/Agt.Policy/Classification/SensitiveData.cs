using System.Text.RegularExpressions;
using Agt.Values;

namespace Agt.Policy.Classification;

/// <summary>Finds sensitive data in texts and values (spec 01, POL-244). Thread-safe; time is linear in the text.</summary>
/// <remarks>It finds what stands there in a usual form. Who wants to hide a number can: spell it out, encode it, cut it up. Rules that must hold against such a person go by what tools do.</remarks>
public static class SensitiveData
{
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly Regex Personal = new(
        @"[\w.%+'-]+[@\uFF20][\w-]+(?:\.[\w-]+)*\.\p{L}{2,}" +
        @"|\+\d(?:[ .()/-]{0,3}\d){7,14}" +
        @"|\b(?:[1-578]\d{2}|0\d[1-9]|0[1-9]\d|6[0-57-9]\d|66[0-57-9])[- ]\d{2}[- ]\d{4}\b",
        Linear);

    private static readonly Regex Health = new(
        @"\b(?:mrn|medical[\W_]record(?:[\W_]+(?:number|no))?|patient[\W_]*(?:id|number|no)|health[\W_](?:insurance|plan)[\W_]+(?:id|number|no)|nhs[\W_](?:number|no))[\W_]{0,5}[a-z]{0,4}-?\d" +
        @"|\b(?:icd-?10(?:-cm)?|diagnos[a-z]*)\b[^\r\n]{0,40}\b[a-tv-z]\d[0-9ab](?:\.[0-9a-z]{1,4})?\b",
        Linear | RegexOptions.IgnoreCase);

    private static readonly Dictionary<string, SensitiveLabels> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ssn"] = SensitiveLabels.Pii,
        ["socialsecuritynumber"] = SensitiveLabels.Pii,
        ["dateofbirth"] = SensitiveLabels.Pii,
        ["dob"] = SensitiveLabels.Pii,
        ["passportnumber"] = SensitiveLabels.Pii,
        ["mrn"] = SensitiveLabels.Phi,
        ["medicalrecordnumber"] = SensitiveLabels.Phi,
        ["patientid"] = SensitiveLabels.Phi,
        ["diagnosis"] = SensitiveLabels.Phi,
        ["icd10"] = SensitiveLabels.Phi,
    };

    /// <summary>What is found in a text.</summary>
    public static SensitiveLabels FindIn(ReadOnlySpan<char> text) =>
        (Personal.IsMatch(text) ? SensitiveLabels.Pii : 0) | (CardNumbers.IsIn(text) ? SensitiveLabels.Pci : 0) | (Health.IsMatch(text) ? SensitiveLabels.Phi : 0);

    /// <summary>What is found in a value and everything in it: texts, numbers, and what names of members say.</summary>
    public static SensitiveLabels FindIn(GovernedValue value)
    {
        SensitiveLabels found = SensitiveLabels.None;
        switch (value.Kind)
        {
            case ValueKind.String:
                return value.TryGetText(out ReadOnlySpan<char> text) ? FindIn(text) : found;
            case ValueKind.Map:
                for (int i = 0; i < value.Count; i++)
                {
                    ValueMember member = value.MemberAt(i);
                    found |= FindIn(member.Name) | FindIn(member.Value) | Named(member);
                }

                return found;
            case ValueKind.List or ValueKind.Set:
                for (int i = 0; i < value.Count; i++)
                {
                    found |= FindIn(value[i]);
                }

                return found;
            default:
                return value.IsNumber ? FindIn(value.NumberText()) : found;
        }
    }

    /// <summary>The class that data of these kinds has at least: RESTRICTED with health data, CONFIDENTIAL with personal or payment data, else PUBLIC.</summary>
    public static DataClass ClassOf(SensitiveLabels labels) =>
        (labels & SensitiveLabels.Phi) != 0 ? DataClass.Restricted : labels != SensitiveLabels.None ? DataClass.Confidential : DataClass.Public;

    private static SensitiveLabels Named(ValueMember member)
    {
        if (member.Name.Length > 32 || member.Value.IsAbsentOrNull)
        {
            return SensitiveLabels.None;
        }

        Names.TryGetValue(member.Name.Replace("_", string.Empty, StringComparison.Ordinal).Replace("-", string.Empty, StringComparison.Ordinal), out SensitiveLabels labels);
        return labels;
    }
}
