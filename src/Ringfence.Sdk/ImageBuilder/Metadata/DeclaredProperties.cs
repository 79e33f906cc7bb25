// What a component shares is declared by attributes of its static properties. The component's assembly is loaded to look at them, and unloaded.

using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>Reads marked properties.</summary>
internal static class DeclaredProperties
{
    private const string Namespace = "Ringfence.App";

    /// <summary>One value for each static property that has one of the attributes, in no order. Values may not hold on to reflection objects.</summary>
    public static IReadOnlyList<T> Read<T>(
        ComponentRequest component, IReadOnlyList<string> closure, string[] attributes, Func<PropertyInfo, CustomAttributeData, T> read)
    {
        // Most components declare none, and finding that out needs no type loading.
        if (!Mentions(component.Assembly, attributes))
        {
            return [];
        }

        Loader loader = new(closure);
        try
        {
            return
            [
                .. from type in loader.LoadFromAssemblyPath(component.Assembly).GetTypes()
                from property in type.GetProperties(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                from attribute in property.GetCustomAttributesData()
                where attribute.AttributeType.Namespace == Namespace && attributes.Contains(attribute.AttributeType.Name)
                select read(property, attribute),
            ];
        }
        finally
        {
            loader.Unload();
        }
    }

    /// <summary>The name that an attribute gives, or that of its property.</summary>
    public static string NameOf(PropertyInfo property, CustomAttributeData attribute) =>
        attribute.NamedArguments.FirstOrDefault(static argument => argument.MemberName == "Name").TypedValue.Value as string
        ?? attribute.ConstructorArguments.Select(static argument => argument.Value).OfType<string>().FirstOrDefault()
        ?? property.Name;

    /// <summary>A property's name with its type, for messages.</summary>
    public static string FullNameOf(PropertyInfo property) => $"{property.DeclaringType!.FullName}.{property.Name}";

    private static bool Mentions(string assembly, string[] attributes)
    {
        using FileStream stream = File.OpenRead(assembly);
        using PEReader image = new(stream);
        MetadataReader metadata = image.GetMetadataReader();
        return metadata.TypeReferences.Select(metadata.GetTypeReference).Any(type =>
            metadata.StringComparer.Equals(type.Namespace, Namespace) && attributes.Contains(metadata.GetString(type.Name)));
    }

    private sealed class Loader(IReadOnlyList<string> closure) : AssemblyLoadContext(isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName assemblyName) =>
            closure.FirstOrDefault(path => Path.GetFileNameWithoutExtension(path) == assemblyName.Name) is { } path ? LoadFromAssemblyPath(path) : null;
    }
}
