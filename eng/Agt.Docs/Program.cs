using Agt.Docs;

// Agt.Docs conformance [--check]   writes docs/conformance.md, or only compares
// Agt.Docs public-api PROJECT_DIR  rewrites PublicAPI.Unshipped.txt from the analyzer log of the last build
try
{
    string root = SourceFiles.RepositoryRoot(Directory.GetCurrentDirectory());
    switch (args)
    {
        case ["conformance"]:
            File.WriteAllText(Path.Combine(root, ConformancePage.Path), ConformancePage.Generate(root));
            return 0;
        case ["conformance", "--check"]:
            if (File.ReadAllText(Path.Combine(root, ConformancePage.Path)) == ConformancePage.Generate(root))
                return 0;
            await Console.Error.WriteLineAsync($"{ConformancePage.Path} is stale: run eng/conformance.sh");
            return 1;
        case ["public-api", string project]:
            return PublicApiFile.Update(Path.GetFullPath(project), Console.Out);
        default:
            await Console.Error.WriteLineAsync("usage: Agt.Docs conformance [--check] | public-api PROJECT_DIR");
            return 2;
    }
}
catch (DocsException problem)
{
    await Console.Error.WriteLineAsync(problem.Message);
    return 1;
}
