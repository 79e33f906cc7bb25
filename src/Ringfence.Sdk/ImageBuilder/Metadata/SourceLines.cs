// Where a method stands in its source, from the portable PDB beside its assembly.

using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>A line of a source file.</summary>
internal readonly record struct SourceLine(string File, int Line);

/// <summary>Finds source lines of methods.</summary>
internal static class SourceLines
{
    /// <summary>The line of the instruction at an IL offset of the method; null without a PDB.</summary>
    public static SourceLine? Of(MethodEntry method, int offset = 0)
    {
        string path = Path.ChangeExtension(method.Assembly, ".pdb");
        if (!File.Exists(path))
        {
            return null;
        }

        using FileStream stream = File.OpenRead(path);
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(stream);
        MetadataReader symbols = provider.GetMetadataReader();
        MethodDebugInformation information = symbols.GetMethodDebugInformation(method.Handle.ToDebugInformationHandle());
        SequencePoint? best = null;
        foreach (SequencePoint point in information.GetSequencePoints().Where(static point => !point.IsHidden))
        {
            if (best is null || point.Offset <= offset)
            {
                best = point;
            }
        }

        return best is { } found ? new SourceLine(symbols.GetString(symbols.GetDocument(found.Document).Name), found.StartLine) : null;
    }
}
