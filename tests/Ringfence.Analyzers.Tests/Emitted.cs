// Turns a compilation into a loaded assembly, so that a test can run what was generated and not only read it.

using System.IO;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Ringfence.Analyzers.Tests;

internal static class Emitted
{
    public static Assembly Load(Compilation compilation)
    {
        Compile.AssertNoErrors(compilation);
        using MemoryStream image = new();
        Assert.True(compilation.Emit(image, cancellationToken: TestContext.Current.CancellationToken).Success);
        image.Position = 0;
        return new AssemblyLoadContext(name: null, isCollectible: true).LoadFromStream(image);
    }

    public static object? Call(Assembly assembly, string type, string method, params object[] arguments) => assembly.GetType(type)!
        .GetMethod(method, BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!
        .Invoke(null, arguments);
}
