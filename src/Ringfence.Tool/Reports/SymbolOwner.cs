// From the names that the C# compiler's back end gives to code and data back to assembly, type and member. The back end joins them by
// underscores (assembly_namespace_type__member), which can't be undone by looking at one name; but the map also holds the methods' C# names,
// and from those the joined forms of all assemblies and types that have a method are known.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace Ringfence.Tool.Reports;

/// <summary>Whose a symbol is.</summary>
/// <param name="Assembly">The C# assembly, or a group in angle brackets for what comes from none.</param>
/// <param name="Type">The C# type; null where there is none.</param>
/// <param name="Member">The method, or what it is.</param>
public sealed record SymbolOwner(string Assembly, string? Type, string Member);

/// <summary>Finds the owners of an image's symbols.</summary>
public sealed partial class SymbolOwners
{
    private const string CoreLibrary = "System.Private.CoreLib";

    // The back end's abbreviation.
    private const string CoreLibraryJoined = "S_P_CoreLib";
    private const string ConstantsType = "<PrivateImplementationDetails>";
    private const string ConstantsJoined = "__PrivateImplementationDetails_";
    private const string NoAssembly = "<assembly language and start-up>";
    private const string BootProtocol = "<boot protocol>";
    private const string ImageTables = "<tables of the image>";
    private const string Literals = "<string literals>";

    private readonly Dictionary<string, SymbolOwner> _methods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Assembly, string Type)> _types = new(StringComparer.Ordinal);

    // Longest first, so that Ringfence_Kernel_Tests is not taken for Ringfence_Kernel.
    private readonly (string Joined, string Assembly)[] _assemblies;

    /// <summary>Learns the names of an image.</summary>
    public SymbolOwners(ImageLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Dictionary<string, string> assemblies = new(StringComparer.Ordinal) { [CoreLibraryJoined] = CoreLibrary };
        foreach (LayoutComponent component in layout.Components)
        {
            string name = Path.GetFileNameWithoutExtension(component.Assembly);
            assemblies.TryAdd(Join(name), name);
        }

        foreach (LayoutSymbol symbol in layout.Symbols)
        {
            if (symbol.Method is { } method)
            {
                Learn(symbol.Name, method, assemblies);
            }
        }

        _assemblies = [.. assemblies.Select(static pair => (pair.Key, pair.Value)).OrderByDescending(static pair => pair.Key.Length)];
    }

    /// <summary>Whose a symbol is.</summary>
    public SymbolOwner Find(LayoutSymbol symbol)
    {
        ArgumentNullException.ThrowIfNull(symbol);
        string name = symbol.Name;
        if (_methods.TryGetValue(name, out SymbolOwner? method))
        {
            return method;
        }

        if (TypeData().Match(name) is { Success: true } data)
        {
            string kind = data.Groups["statics"].Success ? "statics" : "type description";
            (string assembly, string type) = TypeOf(data.Groups["type"].Value);
            return new(assembly, type, kind);
        }

        if (MethodData().Match(name) is { Success: true } constants && _methods.TryGetValue(constants.Groups["method"].Value, out SymbolOwner? user))
        {
            return user with { Member = user.Member + " (constants)" };
        }

        if (name.IndexOf(ConstantsJoined, StringComparison.Ordinal) is > 0 and int end)
        {
            (string assembly, _) = AssemblyOf(name[..end] + "_");
            return new(assembly, ConstantsType, name[(end + ConstantsJoined.Length)..].TrimStart('_'));
        }

        if (Literal().Match(name) is { Success: true } literal)
        {
            return new(Literals, null, literal.Groups["text"].Value.Trim('_'));
        }

        // A label within a routine of assembly language is "routine.label".
        string member = name.IndexOf('.', StringComparison.Ordinal) is > 0 and int dot ? name[..dot] : name;
        return new(
            TableOfImage().IsMatch(name) ? ImageTables : name is "multiboot_header" or "pvh_note" ? BootProtocol : NoAssembly,
            null,
            member);
    }

    private void Learn(string name, string method, Dictionary<string, string> assemblies)
    {
        // "Namespace.Type.Method<arguments>"; the type's own name may be one in angle brackets.
        int start = method.StartsWith('<') ? method.IndexOf('>', StringComparison.Ordinal) + 1 : 0;
        int arguments = method.IndexOf('<', start);
        string head = arguments < 0 ? method : method[..arguments];
        int dot = head.LastIndexOf('.');
        if (dot <= 0)
        {
            return;
        }

        string type = head[..dot];
        string typeJoined = Join(type);
        int end = name.IndexOf("_" + typeJoined, StringComparison.Ordinal);
        if (end <= 0)
        {
            return;
        }

        string joined = name[..end];
        if (!assemblies.TryGetValue(joined, out string? assembly))
        {
            // An assembly is mostly named as the first part of its namespaces, which tells the dots from underscores.
            assembly = type.Length >= joined.Length && Join(type[..joined.Length]) == joined ? type[..joined.Length] : joined;
            assemblies.Add(joined, assembly);
        }

        _methods.TryAdd(name, new(assembly, type, head[(dot + 1)..]));
        _types.TryAdd($"{joined}_{typeJoined}", (assembly, type));
    }

    private (string Assembly, string Type) TypeOf(string joined)
    {
        if (_types.TryGetValue(joined, out (string, string) known))
        {
            return known;
        }

        (string assembly, string remainder) = AssemblyOf(joined);

        // Object and String: the back end's names for the language's own types have no assembly.
        return assembly == NoAssembly ? (CoreLibrary, "System." + joined) : (assembly, remainder.Replace('_', '.'));
    }

    private (string Assembly, string Remainder) AssemblyOf(string joined)
    {
        foreach ((string prefix, string assembly) in _assemblies)
        {
            if (joined.StartsWith(prefix + "_", StringComparison.Ordinal))
            {
                return (assembly, joined[(prefix.Length + 1)..]);
            }
        }

        return (NoAssembly, joined);
    }

    private static string Join(string name) => NoIdentifier().Replace(name, "_");

    [GeneratedRegex("[^A-Za-z0-9_]")]
    private static partial Regex NoIdentifier();

    // As the object formats of x86-64 (_ZTV6String) and IA-32 (??_7String@@6B@) have them.
    [GeneratedRegex(@"^(?:(?<statics>\?__(?:NON)?GCSTATICS@|_*(?:NON)?GCSTATICS)|\?\?_7|_ZTV\d+|__writableData)(?<type>\w.*?)(?:@@.*)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex TypeData();

    [GeneratedRegex("^__readonlydata_(?<method>.+)$")]
    private static partial Regex MethodData();

    // Its beginning as far as it can be part of a name, and a hash of the whole.
    [GeneratedRegex("^_*Str_(?<text>.*?)_?[0-9A-F]{64}$")]
    private static partial Regex Literal();

    // What the image builder writes for the kernel, or reserves: initial statics, grants, names and descriptions; room for messages; tables as long as the image needs; roots of page tables that take no frame; lists of leaf tables.
    [GeneratedRegex("^(?:pristine_|grants_|component_name_|partition_name_|object_name_|object_buffer_|(?:component_descriptions|shared_partition_descriptions|object_descriptions|image_description|image_base_root|(?:thread|domain|domain_tables|small_root|link_list|region|component|object)_table)$)")]
    private static partial Regex TableOfImage();
}
