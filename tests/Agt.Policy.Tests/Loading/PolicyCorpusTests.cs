namespace Agt.Policy.Tests.Loading;

/// <summary>The policy files of other projects that are of the supported kind. Read from the folder that <c>AGT_CORPORA</c> names.</summary>
[Trait("Corpus", "policies")]
public sealed class PolicyCorpusTests
{
    [Theory]
    [MemberData(nameof(Files))]
    [Requirement("POL-001", Partial = "D1 and D3 are recognised and refused")]
    public void A_policy_file_of_the_toolkit_loads(string file)
    {
        string? folder = Folder();
        if (folder is null)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", "The corpora are not there; set AGT_CORPORA to their folder.");
            Assert.Fail("The corpora are not there; set AGT_CORPORA to their folder.");
        }

        PolicyLoadResult result = PolicyLoader.Load(Path.Combine(folder, file));

        Assert.DoesNotContain(result.Diagnostics, d => d.Severity == DiagnosticSeverity.Error);
        Assert.Single(result.Documents);
    }

    public static TheoryData<string> Files => new(
        "01-loan-processing/loan_governance.yaml", "02-customer-service/support_governance.yaml", "03-healthcare/healthcare_governance.yaml",
        "04-it-helpdesk/helpdesk_governance.yaml", "05-devops-deploy/devops_governance.yaml", "06-dotnet-extension-validation/maf_validation.yaml",
        "aspnet/aspnet.yaml", "quickstart/quickstart.yaml");

    private static string? Folder()
    {
        string? named = Environment.GetEnvironmentVariable("AGT_CORPORA");
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); named is null && at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "..", "shared", "data");
            if (File.Exists(Path.Combine(at.FullName, "Agt.sln")) && Directory.Exists(candidate))
            {
                named = candidate;
            }
        }

        string? folder = named is null ? null : Path.Combine(named, "policies-agt", "v4-dotnet");
        return Directory.Exists(folder) ? folder : null;
    }
}
