// The image builder's command line: one request file. MSBuild writes it (Image.targets) and reads the diagnostics.

using Ringfence.ImageBuilder;

if (args.Length != 1)
{
    Console.Error.WriteLine("usage: Ringfence.ImageBuilder REQUEST");
    return 2;
}

try
{
    Console.WriteLine(await ImageBuild.RunAsync(args[0]).ConfigureAwait(false));
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
