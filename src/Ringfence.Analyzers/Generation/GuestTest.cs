// A test that runs inside a guest is an ordinary static method with an attribute; the guest finds it by index in a generated table.

using System.Linq;
using Microsoft.CodeAnalysis;

namespace Ringfence.Analyzers.Generation;

/// <summary>How a guest test says whether it passed.</summary>
internal enum GuestTestResult
{
    /// <summary>Passes if it returns at all.</summary>
    Void,

    /// <summary>Passes if true.</summary>
    Bool,

    /// <summary>Passes if 0; other values are the test's own failure codes.</summary>
    Code,
}

/// <summary>A method marked with an attribute named <c>GuestTestAttribute</c>, whatever its namespace.</summary>
/// <param name="Call">The method's fully qualified name, as generated code calls it.</param>
/// <param name="Name">Class and method, the name in reports.</param>
/// <param name="QualifiedName">The same with its namespace, for when two classes of a name have a test of a name.</param>
/// <param name="Result">How it says whether it passed.</param>
/// <param name="Problem">Why it can't be called; null if it can.</param>
internal sealed record GuestTest(string Call, string Name, string QualifiedName, GuestTestResult Result, DiagnosticRecord? Problem)
{
    private const string AttributeName = "GuestTestAttribute";

    private static readonly SymbolDisplayFormat s_classAndMethod = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypes,
        memberOptions: SymbolDisplayMemberOptions.IncludeContainingType);

    private static readonly SymbolDisplayFormat s_qualified = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        memberOptions: SymbolDisplayMemberOptions.IncludeContainingType);

    public static GuestTest? From(IMethodSymbol method)
    {
        if (method.PartialDefinitionPart is not null || !method.GetAttributes().Any(static attribute => attribute.AttributeClass?.Name == AttributeName))
        {
            return null;
        }

        GuestTestResult? result = method.RefKind != RefKind.None ? null : method.ReturnType.SpecialType switch
        {
            SpecialType.System_Void => GuestTestResult.Void,
            SpecialType.System_Boolean => GuestTestResult.Bool,
            SpecialType.System_Int32 => GuestTestResult.Code,
            _ => null,
        };
        bool isCallable = result is not null
            && method is { IsStatic: true, IsAbstract: false, IsGenericMethod: false, Parameters.IsEmpty: true }
            && EntryCandidate.CanBeCalled(method)
            && !EntryCandidate.InGenericType(method);

        string name = method.ToDisplayString(s_classAndMethod);
        string type = method.ContainingType.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        return new GuestTest(
            $"{type}.@{method.Name}",
            name,
            method.ToDisplayString(s_qualified),
            result ?? GuestTestResult.Void,
            isCallable ? null : new DiagnosticRecord(GenerationRules.GuestTestSignature, SourcePlace.Of(method), name));
    }
}
