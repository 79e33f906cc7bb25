// What the C# sources declare, by syntax alone: names in documents are looked up here.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ringfence.Documents.Tests;

/// <summary>Types and members of the sources under some folders.</summary>
internal sealed class Declarations
{
    // Some code is there for one architecture, some for one paging format or with KPTI only.
    private static readonly CSharpParseOptions[] s_variants =
    [
        new(preprocessorSymbols: ["FORMAT_X86_64", "ARCHITECTURE_AMD64", "AUDIT", "KPTI"]),
        new(preprocessorSymbols: ["FORMAT_PAE", "ARCHITECTURE_IA32", "AUDIT"]),
        new(preprocessorSymbols: ["FORMAT_IA32", "ARCHITECTURE_IA32"]),
    ];

    private readonly Dictionary<string, HashSet<string>> _members = new(StringComparer.Ordinal);
    private readonly HashSet<string> _hostTests = new(StringComparer.Ordinal);
    private readonly HashSet<string> _guestTests = new(StringComparer.Ordinal);

    private Declarations(string folder)
    {
        foreach (string path in Checkout.Files.Where(path => path.StartsWith(folder, StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal)))
        {
            string source = Checkout.Read(path);
            IEnumerable<CSharpParseOptions> variants = source.Contains("#if", StringComparison.Ordinal) ? s_variants : s_variants[..1];
            foreach (BaseTypeDeclarationSyntax type in variants.SelectMany(variant =>
                CSharpSyntaxTree.ParseText(source, variant).GetCompilationUnitRoot().DescendantNodes().OfType<BaseTypeDeclarationSyntax>()))
            {
                Add(type);
            }
        }
    }

    /// <summary>What is under <c>src</c>.</summary>
    public static Declarations OfSources { get; } = new("src/");

    /// <summary>What is under <c>tests</c>.</summary>
    public static Declarations OfTests { get; } = new("tests/");

    /// <summary>Tests of the host, <c>Class.Method</c>.</summary>
    public IReadOnlySet<string> HostTests => _hostTests;

    /// <summary>Tests that run in a guest, <c>Class.Method</c>.</summary>
    public IReadOnlySet<string> GuestTests => _guestTests;

    public bool HasType(string name) => _members.ContainsKey(name);

    public bool HasMember(string type, string member) => _members.TryGetValue(type, out HashSet<string>? members) && members.Contains(member);

    private void Add(BaseTypeDeclarationSyntax type)
    {
        string name = type.Identifier.Text;
        if (!_members.TryGetValue(name, out HashSet<string>? members))
        {
            _members.Add(name, members = new HashSet<string>(StringComparer.Ordinal));
        }

        foreach (MemberDeclarationSyntax member in type is TypeDeclarationSyntax declaration ? declaration.Members : default)
        {
            switch (member)
            {
                case MethodDeclarationSyntax method:
                    members.Add(method.Identifier.Text);
                    AddTest(name, method);
                    break;
                case PropertyDeclarationSyntax property:
                    members.Add(property.Identifier.Text);
                    break;
                case BaseFieldDeclarationSyntax field:
                    members.UnionWith(field.Declaration.Variables.Select(static variable => variable.Identifier.Text));
                    break;
            }
        }

        if (type is EnumDeclarationSyntax enumeration)
        {
            members.UnionWith(enumeration.Members.Select(static member => member.Identifier.Text));
        }
    }

    private void AddTest(string type, MethodDeclarationSyntax method)
    {
        foreach (AttributeSyntax attribute in method.AttributeLists.SelectMany(static list => list.Attributes))
        {
            switch (attribute.Name.ToString())
            {
                case "Fact" or "Theory":
                    _hostTests.Add($"{type}.{method.Identifier.Text}");
                    break;
                case "GuestTest":
                    _guestTests.Add($"{type}.{method.Identifier.Text}");
                    break;
            }
        }
    }
}
