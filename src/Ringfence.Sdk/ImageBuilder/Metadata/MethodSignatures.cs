// Signatures of functions and of calls through pointers, compared as metadata stores them.

using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>Reads signatures; assemblies stay open until it is disposed of. Two signatures are equal if their texts are; one that names a type is equal to no other.</summary>
internal sealed class MethodSignatures : IDisposable
{
    /// <summary>Of <c>static void F(nint)</c>: the body of a thread.</summary>
    public const string ThreadBody = "010118";

    private const byte GenericOrInstance = 0x30;
    private const byte Class = 0x12;
    private const byte ValueType = 0x11;

    private readonly Dictionary<string, (PEReader Image, MetadataReader Metadata)> _assemblies = new(StringComparer.Ordinal);

    /// <summary>The signature of a static method that isn't generic; null for other methods.</summary>
    public string? Of(MethodEntry method)
    {
        MetadataReader metadata = Open(method.Assembly).Metadata;
        byte[] blob = metadata.GetBlobBytes(metadata.GetMethodDefinition(method.Handle).Signature);
        return (blob[0] & GenericOrInstance) == 0 ? Text(blob) : null;
    }

    /// <summary>The signature with which an instruction calls through a pointer; null if it names a type.</summary>
    public string? Of(FoundInstruction call)
    {
        (PEReader image, MetadataReader metadata) = Open(call.Method.Assembly);
        BlobReader code = image.GetMethodBody(metadata.GetMethodDefinition(call.Method.Handle).RelativeVirtualAddress).GetILReader();
        code.Offset = call.Offset + 1;
        StandaloneSignatureHandle signature = (StandaloneSignatureHandle)MetadataTokens.EntityHandle(code.ReadInt32());
        byte[] blob = metadata.GetBlobBytes(metadata.GetStandaloneSignature(signature).Signature);
        return blob.AsSpan(1).ContainsAny(Class, ValueType) ? null : Text(blob);
    }

    public void Dispose()
    {
        foreach ((PEReader image, _) in _assemblies.Values)
        {
            image.Dispose();
        }
    }

    private (PEReader Image, MetadataReader Metadata) Open(string path)
    {
        if (!_assemblies.TryGetValue(path, out (PEReader Image, MetadataReader Metadata) assembly))
        {
            PEReader image = new(File.OpenRead(path));
            assembly = (image, image.GetMetadataReader());
            _assemblies.Add(path, assembly);
        }

        return assembly;
    }

    // Without the calling convention.
    private static string Text(byte[] blob) => Convert.ToHexString(blob.AsSpan(1));
}
