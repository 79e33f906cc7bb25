// Test assemblies as they are, over the mutated library.

using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Loader;

namespace Ringfence.Mutation.Running;

/// <summary>Loads from the first of the folders that has the assembly; the framework comes from elsewhere.</summary>
internal sealed class MutatedContext(IReadOnlyList<string> folders) : AssemblyLoadContext("mutated")
{
    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName) =>
        folders.Select(folder => Path.Combine(folder, assemblyName.Name + ".dll")).FirstOrDefault(File.Exists) is { } file ? LoadFromAssemblyPath(file) : null;
}
