// The image builder's command line: one request file, and whether only its settings are to be checked. MSBuild writes it (Image.targets) and reads the
// diagnostics.

using Ringfence.ImageBuilder;

const string Check = "--check";
if (args.Length == 0 || args.Length > 2 || (args.Length == 2 && args[0] != Check))
{
    Console.Error.WriteLine($"usage: Ringfence.ImageBuilder [{Check}] REQUEST");
    return 2;
}

try
{
    if (args.Length == 2)
    {
        await ImageBuild.CheckAsync(args[1]).ConfigureAwait(false);
    }
    else
    {
        Console.WriteLine(await ImageBuild.RunAsync(args[0]).ConfigureAwait(false));
    }

    return 0;
}
catch (BuildFailedException exception)
{
    foreach (Diagnostic diagnostic in exception.Diagnostics)
    {
        Console.WriteLine(diagnostic);
    }

    return 1;
}
