// Where the build put the assemblies under test.
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;

namespace Ringfence.CoreLib.Tests;

/// <summary>Paths of the core library, its reference assemblies and facades, and of the pinned compiler.</summary>
internal static class BuildOutput
{
    /// <summary>The assemblies over which the ordinary .NET spreads the API that exists on metal.</summary>
    public static IReadOnlyList<string> Names { get; } = ["System.Runtime", "System.Memory", "System.Threading", "System.Runtime.InteropServices"];

    public static string CoreLib => Path.Combine(Value("Artifacts"), "Ringfence.CoreLib", Value("Configuration"), "System.Private.CoreLib.dll");

    public static string Cases => typeof(Ringfence.CoreLib.Cases.CoreLibCases).Assembly.Location;

    public static string Compiler => Value("Compiler");

    public static string Reference(string name) => Path.Combine(Value("Artifacts"), "Ringfence.Reference." + name, Value("Configuration"), name + ".dll");

    public static string Facade(string name) => Path.Combine(Value("Artifacts"), "Ringfence.Facade." + name, Value("Configuration"), name + ".dll");

    private static string Value(string key) =>
        typeof(BuildOutput).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
