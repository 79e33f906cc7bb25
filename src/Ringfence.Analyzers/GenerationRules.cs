// The diagnostics of the source generator: what a component or a guest test project must declare for code to be generated from it.

using Microsoft.CodeAnalysis;

namespace Ringfence.Analyzers;

/// <summary>Diagnostics RF11xx. What each means and what to do instead stands in docs/diagnostics.md.</summary>
internal static class GenerationRules
{
    private const string Category = "Ringfence.Generation";

    public static readonly DiagnosticDescriptor NoEntry = new(
        "RF1100",
        "Component without an entry",
        "The component has no entry: declare one static method 'Main' without parameters that returns void or int",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: MetalRules.Help("rf1100"));

    public static readonly DiagnosticDescriptor SeveralEntries = new(
        "RF1101",
        "Component with several entries",
        "The component has more than one entry: {0}; keep one and rename the others",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: MetalRules.Help("rf1101"));

    public static readonly DiagnosticDescriptor WritableReturn = new(
        "RF1102",
        "Writable partition is not returned by reference",
        "The writable partition '{0}' must return 'ref T', neither a copy nor 'ref readonly T'",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: MetalRules.Help("rf1102"));

    public static readonly DiagnosticDescriptor ReadOnlyReturn = new(
        "RF1103",
        "Read-only partition is not returned by read-only reference",
        "The read-only partition '{0}' must return 'ref readonly T': a write through it would fault",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: MetalRules.Help("rf1103"));

    public static readonly DiagnosticDescriptor ManagedPartition = new(
        "RF1104",
        "Partition type is not an unmanaged struct",
        "The type '{1}' of partition '{0}' must be an unmanaged struct: a reference means nothing to another component",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: MetalRules.Help("rf1104"));

    public static readonly DiagnosticDescriptor PartitionName = new(
        "RF1105",
        "Partition name is not an identifier",
        "The partition name '{0}' becomes part of a symbol and must match [A-Za-z_][A-Za-z0-9_]*",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: MetalRules.Help("rf1105"));

    public static readonly DiagnosticDescriptor HiddenEntry = new(
        "RF1106",
        "Component entry is not accessible",
        "The entry '{0}' can't be called by the generated code: make it and its types internal or public",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: MetalRules.Help("rf1106"));

    public static readonly DiagnosticDescriptor PartitionDeclaration = new(
        "RF1107",
        "Partition property is not static, partial and get-only",
        "The partition property '{0}' must be 'static partial' with 'get' alone, for its body is generated",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: MetalRules.Help("rf1107"));

    public static readonly DiagnosticDescriptor GuestTestSignature = new(
        "RF1110",
        "Guest test method can't be called",
        "The guest test '{0}' must be an accessible static method of a non-generic type, without parameters or type parameters, returning void, bool or int",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: MetalRules.Help("rf1110"));

    public static readonly DiagnosticDescriptor ObjectDeclaration = new(
        "RF1111",
        "Kernel object property is not static, partial and get-only",
        "The kernel object property '{0}' must be 'static partial' with 'get' alone, for its body is generated",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: MetalRules.Help("rf1111"));

    public static readonly DiagnosticDescriptor ObjectType = new(
        "RF1112",
        "Kernel object property has another type than its attribute says",
        "The property '{0}' is of type '{1}'; an object declared so is used as {2}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: MetalRules.Help("rf1112"));

    public static readonly DiagnosticDescriptor ObjectName = new(
        "RF1113",
        "Kernel object name is not an identifier",
        "The object name '{0}' becomes part of a symbol and must match [A-Za-z_][A-Za-z0-9_]*",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: MetalRules.Help("rf1113"));

    public static readonly DiagnosticDescriptor ObjectSetting = new(
        "RF1114",
        "Setting of a kernel object is out of range",
        "{0} of '{1}' is {2}; allowed: {3}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: MetalRules.Help("rf1114"));
}
