// Names the tests inside an image without booting it, so that each is a test of its own before anything runs. Reads the same attribute
// and forms the same names as the generator that writes the guest's table (GuestTestEmitter).

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Ringfence.Guest.Tests;

/// <summary>The guest tests that an assembly holds.</summary>
internal static class GuestTestCatalogue
{
    private const string AttributeName = "GuestTestAttribute";

    /// <summary>Class and method of every guest test, in the order in which the guest runs them.</summary>
    public static IReadOnlyList<string> Read(string assemblyPath)
    {
        using FileStream stream = File.OpenRead(assemblyPath);
        using var image = new PEReader(stream);
        MetadataReader metadata = image.GetMetadataReader();
        List<(string Name, string QualifiedName)> tests = [];
        foreach (TypeDefinitionHandle type in metadata.TypeDefinitions)
        {
            foreach (MethodDefinitionHandle handle in metadata.GetTypeDefinition(type).GetMethods())
            {
                MethodDefinition method = metadata.GetMethodDefinition(handle);
                if (method.GetCustomAttributes().Any(attribute => NameOf(metadata, attribute) == AttributeName))
                {
                    (string name, string qualifiedName) = NamesOf(metadata, type);
                    string suffix = "." + metadata.GetString(method.Name);
                    tests.Add((name + suffix, qualifiedName + suffix));
                }
            }
        }

        return [.. tests
            .GroupBy(static test => test.Name, StringComparer.Ordinal)
            .SelectMany(static group => group.Select(test => group.Count() == 1 ? test.Name : test.QualifiedName))
            .Order(StringComparer.Ordinal)];
    }

    private static (string Name, string QualifiedName) NamesOf(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        TypeDefinition type = metadata.GetTypeDefinition(handle);
        string name = metadata.GetString(type.Name);
        if (type.GetDeclaringType() is { IsNil: false } declaring)
        {
            (string outer, string qualifiedOuter) = NamesOf(metadata, declaring);
            return ($"{outer}.{name}", $"{qualifiedOuter}.{name}");
        }

        return (name, $"{metadata.GetString(type.Namespace)}.{name}");
    }

    // The attribute may be this assembly's own, or one that the tests of several worlds share.
    private static string NameOf(MetadataReader metadata, CustomAttributeHandle handle)
    {
        EntityHandle constructor = metadata.GetCustomAttribute(handle).Constructor;
        EntityHandle type = constructor.Kind == HandleKind.MethodDefinition
            ? metadata.GetMethodDefinition((MethodDefinitionHandle)constructor).GetDeclaringType()
            : metadata.GetMemberReference((MemberReferenceHandle)constructor).Parent;
        return type.Kind switch
        {
            HandleKind.TypeDefinition => metadata.GetString(metadata.GetTypeDefinition((TypeDefinitionHandle)type).Name),
            HandleKind.TypeReference => metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)type).Name),
            _ => string.Empty,
        };
    }
}
