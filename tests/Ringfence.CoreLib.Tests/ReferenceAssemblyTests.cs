// What metal code compiles against must exist in the ordinary .NET, under the same assembly, or the code would build and not run on the host.
using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Ringfence.CoreLib.Tests;

public sealed class ReferenceAssemblyTests
{
    private static readonly SymbolDisplayFormat s_signature = SymbolDisplayFormat.CSharpErrorMessageFormat
        .WithMemberOptions(SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeRef | SymbolDisplayMemberOptions.IncludeParameters
            | SymbolDisplayMemberOptions.IncludeContainingType | SymbolDisplayMemberOptions.IncludeConstantValue | SymbolDisplayMemberOptions.IncludeModifiers)
        .WithParameterOptions(SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeParamsRefOut | SymbolDisplayParameterOptions.IncludeName
            | SymbolDisplayParameterOptions.IncludeExtensionThis | SymbolDisplayParameterOptions.IncludeDefaultValue)
        .WithGenericsOptions(SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints)
        .RemoveMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier
            | SymbolDisplayMiscellaneousOptions.IncludeNotNullableReferenceTypeModifier);

    public static TheoryData<string> Assemblies => [.. BuildOutput.Names];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Every_public_member_exists_in_the_real_assembly_of_that_name(string name)
    {
        var ours = CSharpCompilation.Create("ours", references: BuildOutput.Names.Select(other => MetadataReference.CreateFromFile(BuildOutput.Reference(other))));
        var real = CSharpCompilation.Create("real", references: RealAssemblies().Select(path => MetadataReference.CreateFromFile(path)));
        IAssemblySymbol reference = AssemblyOf(ours, name);
        IAssemblySymbol implementation = AssemblyOf(real, name);

        var missing = new List<string>();
        int compared = 0;
        foreach (INamedTypeSymbol type in PublicTypesOf(reference.GlobalNamespace))
        {
            INamedTypeSymbol? counterpart = CounterpartOf(type, implementation);
            if (counterpart is null)
            {
                missing.Add("type " + type.ToDisplayString());
                continue;
            }

            if (type.TypeKind != counterpart.TypeKind || type.IsRefLikeType != counterpart.IsRefLikeType || type.IsReadOnly != counterpart.IsReadOnly
                || type.EnumUnderlyingType?.SpecialType != counterpart.EnumUnderlyingType?.SpecialType)
            {
                missing.Add("kind of " + type.ToDisplayString());
            }

            foreach (INamedTypeSymbol contract in type.Interfaces)
            {
                if (!counterpart.AllInterfaces.Any(other => Signature(other) == Signature(contract)))
                {
                    missing.Add(type.ToDisplayString() + " : " + Signature(contract));
                }
            }

            var known = counterpart.GetMembers().Where(IsVisible).Select(Signature).ToHashSet(StringComparer.Ordinal);
            foreach (ISymbol member in type.GetMembers().Where(IsVisible))
            {
                compared++;
                if (!known.Contains(Signature(member)))
                {
                    missing.Add(Signature(member));
                }
            }
        }

        Assert.True(missing.Count == 0, string.Join('\n', missing));
        Assert.True(compared > 0);
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void The_identity_is_the_one_that_code_for_the_ordinary_runtime_refers_to(string name)
    {
        AssemblyName ours = AssemblyName.GetAssemblyName(BuildOutput.Reference(name));
        AssemblyName real = Assembly.Load(name).GetName();
        Assert.Equal(real.FullName, ours.FullName);
        Assert.Equal(real.GetPublicKey(), ours.GetPublicKey());
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void The_facade_forwards_exactly_the_public_types(string name)
    {
        var ours = CSharpCompilation.Create("ours", references: BuildOutput.Names.Select(other => MetadataReference.CreateFromFile(BuildOutput.Reference(other))));
        var facade = CSharpCompilation.Create(
            "facade", references: [MetadataReference.CreateFromFile(BuildOutput.Facade(name)), MetadataReference.CreateFromFile(BuildOutput.CoreLib)]);

        var declared = PublicTypesOf(AssemblyOf(ours, name).GlobalNamespace).Where(type => type.ContainingType is null).Select(MetadataNameOf).Order(StringComparer.Ordinal);
        ImmutableArray<INamedTypeSymbol> forwarded = AssemblyOf(facade, name).GetForwardedTypes();

        Assert.Equal(declared, forwarded.Select(MetadataNameOf).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(forwarded, type => type.TypeKind == TypeKind.Error);
    }

    private static IEnumerable<string> RealAssemblies() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetDirectoryName(path) == Path.GetDirectoryName(typeof(object).Assembly.Location));

    private static IAssemblySymbol AssemblyOf(CSharpCompilation compilation, string name) =>
        compilation.SourceModule.ReferencedAssemblySymbols.Single(assembly => assembly.Name == name);

    private static INamedTypeSymbol? CounterpartOf(INamedTypeSymbol type, IAssemblySymbol implementation)
    {
        if (type.ContainingType is { } outer)
        {
            return CounterpartOf(outer, implementation)?.GetTypeMembers(type.Name, type.Arity).SingleOrDefault(IsVisible);
        }

        string name = MetadataNameOf(type);
        INamedTypeSymbol? found = implementation.GetTypeByMetadataName(name) ?? implementation.ResolveForwardedType(name);
        return found is not null && IsVisible(found) ? found : null;
    }

    private static IEnumerable<INamedTypeSymbol> PublicTypesOf(INamespaceOrTypeSymbol container)
    {
        foreach (ISymbol member in container.GetMembers())
        {
            if (member is INamespaceSymbol inner)
            {
                foreach (INamedTypeSymbol type in PublicTypesOf(inner))
                {
                    yield return type;
                }
            }
            else if (member is INamedTypeSymbol type && IsVisible(type))
            {
                yield return type;
                foreach (INamedTypeSymbol nested in PublicTypesOf(type))
                {
                    yield return nested;
                }
            }
        }
    }

    private static bool IsVisible(ISymbol symbol) =>
        symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal && symbol is not INamedTypeSymbol { TypeKind: TypeKind.Error };

    // The metadata name too: an indexer looks the same under any.
    private static string Signature(ISymbol symbol) => symbol.MetadataName + ": " + symbol.ToDisplayString(s_signature);

    private static string MetadataNameOf(INamedTypeSymbol type) => type.ContainingNamespace.ToDisplayString() + "." + type.MetadataName;
}
