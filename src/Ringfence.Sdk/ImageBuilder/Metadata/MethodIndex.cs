// Objects name methods in ILC's mangled form. The form is not reversible, so it is computed here for every method of a closed
// world, which gives the way back: from symbol to method, and from method to source line.

using System.Globalization;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>A method as C# names it.</summary>
/// <param name="Assembly">Path of its assembly.</param>
/// <param name="Handle">Its place in that assembly's metadata.</param>
/// <param name="DisplayName">Namespace, types and name, separated by dots.</param>
internal sealed record MethodEntry(string Assembly, MethodDefinitionHandle Handle, string DisplayName);

/// <summary>Methods and types of a closed world by their symbol names.</summary>
internal sealed class MethodIndex
{
    private readonly Dictionary<string, MethodEntry> _methods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MethodEntry> _methodsByDisplayName = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Assembly, MethodDefinitionHandle Handle), MethodEntry> _methodsByHandle = [];
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);

    public MethodIndex(IReadOnlyList<string> assemblies)
    {
        Assemblies = assemblies;
        foreach (string assembly in assemblies)
        {
            Add(assembly);
        }
    }

    /// <summary>Paths of the assemblies.</summary>
    public IReadOnlyList<string> Assemblies { get; }

    /// <summary>The method that a symbol is the code of; an instantiation counts as its definition.</summary>
    public MethodEntry? Find(string symbol) => _methods.GetValueOrDefault(WithoutInstantiations(symbol));

    /// <summary>The first method of that C# name; constructors are called "ctor" and "cctor".</summary>
    public MethodEntry? FindByDisplayName(string name) => _methodsByDisplayName.GetValueOrDefault(name);

    /// <summary>The method at a place in an assembly's metadata.</summary>
    public MethodEntry? Find(string assembly, MethodDefinitionHandle handle) => _methodsByHandle.GetValueOrDefault((assembly, handle));

    /// <summary>The C# name of a mangled type, or null.</summary>
    public string? FindType(string mangled) => _types.GetValueOrDefault(WithoutInstantiations(mangled));

    /// <summary>The C# name of a symbol with its type arguments; null if it is no method of this world.</summary>
    public string? DisplayName(string symbol)
    {
        if (Find(symbol) is not { } method)
        {
            return null;
        }

        List<string> arguments = [.. Instantiations(symbol).Select(Arguments)];
        return arguments.Count == 0 ? method.DisplayName : method.DisplayName + string.Concat(arguments.Select(static argument => $"<{argument}>"));
    }

    private string Arguments(string text) =>
        string.Join(", ", text.Split("__", StringSplitOptions.RemoveEmptyEntries).Select(part => FindType(part) ?? part));

    private void Add(string assembly)
    {
        using FileStream stream = File.OpenRead(assembly);
        using PEReader image = new(stream);
        MetadataReader metadata = image.GetMetadataReader();
        string assemblyName = metadata.GetString(metadata.GetAssemblyDefinition().Name);
        bool isCore = assemblyName == "System.Private.CoreLib";
        string prefix = Sanitize(assemblyName.StartsWith("System.Private.", StringComparison.Ordinal)
            ? string.Concat("S.P.", assemblyName.AsSpan("System.Private.".Length))
            : assemblyName);
        HashSet<string> usedTypes = new(StringComparer.Ordinal);
        foreach (TypeDefinitionHandle typeHandle in metadata.TypeDefinitions)
        {
            TypeDefinition type = metadata.GetTypeDefinition(typeHandle);
            string display = DisplayNameOf(metadata, type);
            string mangled = isCore && ShortName(display) is { } shortName
                ? shortName
                : Unique(usedTypes, prefix + "_" + Sanitize(MangledPath(metadata, type)));
            _types.TryAdd(mangled, display);
            HashSet<string> usedMethods = new(StringComparer.Ordinal);
            foreach (MethodDefinitionHandle methodHandle in type.GetMethods())
            {
                string name = metadata.GetString(metadata.GetMethodDefinition(methodHandle).Name);
                string symbol = mangled + "__" + Unique(usedMethods, Sanitize(name));
                MethodEntry entry = new(assembly, methodHandle, display + "." + name.TrimStart('.'));
                _methods.TryAdd(symbol, entry);
                _methodsByDisplayName.TryAdd(entry.DisplayName, entry);
                _methodsByHandle.Add((assembly, methodHandle), entry);
            }
        }
    }

    // The core library's Object, String and primitive types go without assembly and namespace, under the compiler's own names.
    private static string? ShortName(string display) => display switch
    {
        "System.Object" => "Object",
        "System.String" => "String",
        "System.Boolean" => "Bool",
        "System.Char" => "Char",
        "System.SByte" => "Int8",
        "System.Byte" => "UInt8",
        "System.Int16" => "Int16",
        "System.UInt16" => "UInt16",
        "System.Int32" => "Int32",
        "System.UInt32" => "UInt32",
        "System.Int64" => "Int64",
        "System.UInt64" => "UInt64",
        "System.IntPtr" => "IntPtr",
        "System.UIntPtr" => "UIntPtr",
        "System.Single" => "Float",
        "System.Double" => "Double",
        _ => null,
    };

    private static string MangledPath(MetadataReader metadata, TypeDefinition type)
    {
        string name = metadata.GetString(type.Name);
        TypeDefinitionHandle outer = type.GetDeclaringType();
        if (!outer.IsNil)
        {
            return MangledPath(metadata, metadata.GetTypeDefinition(outer)) + "_" + name;
        }

        string space = metadata.GetString(type.Namespace);
        return space.Length == 0 ? name : space + "." + name;
    }

    private static string DisplayNameOf(MetadataReader metadata, TypeDefinition type)
    {
        string name = metadata.GetString(type.Name);
        int arity = name.IndexOf('`', StringComparison.Ordinal);
        name = arity < 0 ? name : name[..arity];
        TypeDefinitionHandle outer = type.GetDeclaringType();
        if (!outer.IsNil)
        {
            return DisplayNameOf(metadata, metadata.GetTypeDefinition(outer)) + "." + name;
        }

        string space = metadata.GetString(type.Namespace);
        return space.Length == 0 ? name : space + "." + name;
    }

    private static string Sanitize(string name)
    {
        StringBuilder text = new(name.Length);
        foreach (char c in name)
        {
            if (char.IsAsciiDigit(c) && text.Length == 0)
            {
                text.Append('_');
            }

            text.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        return text.ToString();
    }

    private static string Unique(HashSet<string> used, string name)
    {
        string candidate = name;
        for (int suffix = 0; !used.Add(candidate); suffix++)
        {
            candidate = name + "_" + suffix.ToString(CultureInfo.InvariantCulture);
        }

        return candidate;
    }

    private static string WithoutInstantiations(string symbol)
    {
        if (!symbol.Contains('<', StringComparison.Ordinal))
        {
            return symbol;
        }

        StringBuilder text = new(symbol.Length);
        int depth = 0;
        foreach (char c in symbol)
        {
            depth += c == '<' ? 1 : 0;
            if (depth == 0)
            {
                text.Append(c);
            }

            depth -= c == '>' ? 1 : 0;
        }

        return text.ToString();
    }

    private static IEnumerable<string> Instantiations(string symbol)
    {
        int depth = 0;
        int start = 0;
        for (int index = 0; index < symbol.Length; index++)
        {
            if (symbol[index] == '<' && depth++ == 0)
            {
                start = index + 1;
            }
            else if (symbol[index] == '>' && --depth == 0)
            {
                yield return symbol[start..index];
            }
        }
    }
}
