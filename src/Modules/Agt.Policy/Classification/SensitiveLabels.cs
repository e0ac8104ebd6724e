namespace Agt.Policy.Classification;

/// <summary>What kinds of sensitive data were found (spec 01, POL-244).</summary>
[Flags]
public enum SensitiveLabels
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Personal data: mail addresses, telephone numbers in international form, US social security numbers.</summary>
    Pii = 1,

    /// <summary>Payment cards: numbers of 13 to 19 digits that a card network issues and that satisfy the Luhn check (ISO/IEC 7812-1).</summary>
    Pci = 2,

    /// <summary>Health data: record and patient numbers, diagnoses by code.</summary>
    Phi = 4,
}
