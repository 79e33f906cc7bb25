// A component is compiled as a closed world: its assembly and everything that refers to, but for the core library.

using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Ringfence.ImageBuilder.Compilation;

/// <summary>Finds the assemblies that an assembly needs, each beside the one that names it.</summary>
internal static class AssemblyClosure
{
    /// <summary>The assemblies from <paramref name="roots"/> on, roots first, each simple name once.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string> roots, IEnumerable<string> coreReferences)
    {
        HashSet<string> known = [.. coreReferences.Select(static path => Path.GetFileNameWithoutExtension(path))];
        List<string> closure = [];
        Queue<string> pending = [];
        foreach (string root in roots)
        {
            Add(root);
        }

        while (pending.TryDequeue(out string? path))
        {
            foreach (string name in References(path))
            {
                if (known.Contains(name))
                {
                    continue;
                }

                string beside = Path.Combine(Path.GetDirectoryName(path)!, name + ".dll");
                if (!File.Exists(beside))
                {
                    throw new BuildFailedException("RF2012", path, $"Refers to the assembly {name}, which is neither beside it nor part of the core library");
                }

                Add(beside);
            }
        }

        return closure;

        void Add(string path)
        {
            if (known.Add(Path.GetFileNameWithoutExtension(path)))
            {
                closure.Add(path);
                pending.Enqueue(path);
            }
        }
    }

    private static List<string> References(string path)
    {
        using FileStream stream = File.OpenRead(path);
        using PEReader image = new(stream);
        MetadataReader metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }
}
