using Agt.Policy.Classification;
using CsCheck;

namespace Agt.Policy.Tests.Classification;

/// <summary>Classes of data, who may see them, and what texts give away.</summary>
public sealed class DataAccessTests
{
    [Fact]
    [Requirement("POL-242")]
    public void There_are_five_classes_in_this_order()
    {
        Assert.Equal(["PUBLIC", "INTERNAL", "CONFIDENTIAL", "RESTRICTED", "TOP_SECRET"], Enum.GetValues<DataClass>().Select(known => known.WireName()));
        Assert.Equal([0, 1, 2, 3, 4], Enum.GetValues<DataClass>().Select(known => (int)known));
        Assert.True(DataClasses.TryParse("top_secret", out DataClass read));
        Assert.Equal(DataClass.TopSecret, read);
        Assert.False(DataClasses.TryParse("TOPSECRET", out read));
        Assert.Equal(DataClass.TopSecret, read);
        Assert.False(DataClasses.TryParse("0", out _));
        Assert.False(DataClasses.TryParse(null, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => ((DataClass)5).WireName());
    }

    [Fact]
    [Requirement("POL-243")]
    public void Without_more_a_policy_permits_public_data_only()
    {
        var policy = new DataAccessPolicy();
        Assert.Null(policy.RefusalOf(new DataFacts(DataClass.Public) { Categories = ["any"], Geography = "US" }));
        Assert.NotNull(policy.RefusalOf(new DataFacts(DataClass.Internal)));
    }

    [Theory]
    [Requirement("POL-243")]
    [InlineData(DataClass.Confidential, "customers", "EU", true)]
    [InlineData(DataClass.Confidential, "Customers", "eu", true)]
    [InlineData(DataClass.Confidential, "", null, true)]
    [InlineData(DataClass.Internal, "customers", "EU", false)]
    [InlineData(DataClass.Restricted, "customers", "EU", false)]
    [InlineData(DataClass.Confidential, "customers,staff", "EU", false)]
    [InlineData(DataClass.Confidential, "SALARIES", "EU", false)]
    [InlineData(DataClass.Confidential, "customers", "US", false)]
    public void Every_part_of_a_policy_must_hold(DataClass dataClass, string categories, string? geography, bool permitted)
    {
        var policy = new DataAccessPolicy
        {
            MaxClass = DataClass.Confidential,
            AllowedClasses = [DataClass.Public, DataClass.Confidential],
            AllowedCategories = ["customers", "salaries"],
            DeniedCategories = ["salaries"],
            Geography = "EU",
        };
        var facts = new DataFacts(dataClass) { Categories = categories.Split(',', StringSplitOptions.RemoveEmptyEntries), Geography = geography };
        Assert.Equal(permitted, policy.RefusalOf(facts) is null);
    }

    [Fact]
    public void Data_of_unknown_place_is_refused_where_the_place_is_required()
    {
        var policy = new DataAccessPolicy { Geography = "EU", RequireGeography = true };
        Assert.NotNull(policy.RefusalOf(new DataFacts(DataClass.Public)));
        Assert.Null(policy.RefusalOf(new DataFacts(DataClass.Public) { Geography = "EU" }));
    }

    [Theory]
    [Requirement("POL-244")]
    [InlineData("pay with 4111111111111111", SensitiveLabels.Pci)]
    [InlineData("pay with 4111 1111 1111 1111.", SensitiveLabels.Pci)]
    [InlineData("room 12 4111-1111-1111-1111 30", SensitiveLabels.Pci)]
    [InlineData("3782 822463 10005", SensitiveLabels.Pci)]
    [InlineData("4111\u200b1111\u00a01111.1111", SensitiveLabels.Pci)]
    [InlineData("\uff14\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11", SensitiveLabels.Pci)]
    [InlineData("4111111111111112", SensitiveLabels.None)]
    [InlineData("0000000000000000", SensitiveLabels.None)]
    [InlineData("1111111111111117", SensitiveLabels.None)]
    [InlineData("411111111111", SensitiveLabels.None)]
    [InlineData("ann@corp.example", SensitiveLabels.Pii)]
    [InlineData("call +49 (30) 901820-55", SensitiveLabels.Pii)]
    [InlineData("her number is 123-45-6789", SensitiveLabels.Pii)]
    [InlineData("000-45-6789 or 666-45-6789 or 912-45-6789", SensitiveLabels.None)]
    [InlineData("MRN: 00712", SensitiveLabels.Phi)]
    [InlineData("Patient ID #A-1234", SensitiveLabels.Phi)]
    [InlineData("diagnosed with asthma (J45.909)", SensitiveLabels.Phi)]
    [InlineData("diagnosis: the server was down", SensitiveLabels.None)]
    [InlineData("Ann <ann@corp.example>, MRN 12, 5555 5555 5555 4444", SensitiveLabels.Pii | SensitiveLabels.Pci | SensitiveLabels.Phi)]
    [InlineData("The meeting on 2026-11-23 at 10:30 cost 1,200.50.", SensitiveLabels.None)]
    [InlineData("", SensitiveLabels.None)]
    public void What_stands_in_a_text_is_found(string text, SensitiveLabels labels) => Assert.Equal(labels, SensitiveData.FindIn(text));

    [Theory]
    [Requirement("POL-244")]
    [InlineData(SensitiveLabels.None, DataClass.Public)]
    [InlineData(SensitiveLabels.Pii, DataClass.Confidential)]
    [InlineData(SensitiveLabels.Pci, DataClass.Confidential)]
    [InlineData(SensitiveLabels.Phi, DataClass.Restricted)]
    [InlineData(SensitiveLabels.Pii | SensitiveLabels.Phi, DataClass.Restricted)]
    public void The_highest_of_what_was_found_is_the_class(SensitiveLabels labels, DataClass least) => Assert.Equal(least, SensitiveData.ClassOf(labels));

    [Theory]
    [InlineData("""{"a":[{"b":"x"},{"c":"4111111111111111"}]}""", SensitiveLabels.Pci)]
    [InlineData("""{"card":4111111111111111}""", SensitiveLabels.Pci)]
    [InlineData("""{"ann@corp.example":1}""", SensitiveLabels.Pii)]
    [InlineData("""{"patient_id":"p7"}""", SensitiveLabels.Phi)]
    [InlineData("""{"patientId":null}""", SensitiveLabels.None)]
    [InlineData("""{"a":true,"n":12.5,"t":"plain"}""", SensitiveLabels.None)]
    public void What_stands_anywhere_in_a_value_is_found(string json, SensitiveLabels labels) => Assert.Equal(labels, SensitiveData.FindIn(Agt.Values.GovernedValue.FromJson(json)));

    [Fact]
    [Requirement("POL-244")]
    public void Any_issued_number_with_a_right_check_digit_is_found_and_no_other_check_digit() => Check.Sample(
        Gen.Int[0, 9].Array[14],
        digits =>
        {
            string body = "4" + string.Concat(digits);
            int right = (10 - (Sum(body + "0") % 10)) % 10;
            for (int check = 0; check <= 9; check++)
            {
                Assert.Equal(check == right, (SensitiveData.FindIn("no. " + body + check) & SensitiveLabels.Pci) != 0);
            }
        });

    /// <summary>The sum of ISO/IEC 7812-1, written another way than in the product.</summary>
    private static int Sum(string digits) => digits.Reverse().Select((digit, place) => place % 2 == 0 ? digit - '0' : "0246813579"[digit - '0'] - '0').Sum();
}
