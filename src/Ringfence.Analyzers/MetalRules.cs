// The diagnostics for code that runs on the bare machine: what the language offers and a program without a runtime can't do.

using Microsoft.CodeAnalysis;

namespace Ringfence.Analyzers;

/// <summary>Diagnostics RF10xx. What each means and what to do instead stands in docs/diagnostics.md.</summary>
internal static class MetalRules
{
    private const string Category = "Ringfence.Metal";

    public static readonly DiagnosticDescriptor HeapAllocation = new(
        "RF1001",
        "Heap allocation on metal",
        "{0} allocates on the heap, and metal code has none",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help("rf1001"));

    public static readonly DiagnosticDescriptor Boxing = new(
        "RF1002",
        "Boxing on metal",
        "{0} boxes a value on the heap, and metal code has none",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help("rf1002"));

    public static readonly DiagnosticDescriptor Exception = new(
        "RF1003",
        "Exception handling on metal",
        "{0}, and metal code has no exceptions: return a value that says what went wrong",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help("rf1003"));

    public static readonly DiagnosticDescriptor ReferenceStatic = new(
        "RF1004",
        "Static that holds references on metal",
        "The static '{0}' of type '{1}' holds references, and nothing on metal sets such statics up: a store would go astray",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help("rf1004"));

    public static readonly DiagnosticDescriptor StaticInitializer = new(
        "RF1005",
        "Static that needs code to run first on metal",
        "'{0}' can't be initialised at compile time ({1}), and nothing on metal runs static constructors: its class would read zero",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help("rf1005"));

    public static readonly DiagnosticDescriptor ThreadStatic = new(
        "RF1006",
        "Thread static on metal",
        "The static '{0}' is [ThreadStatic], and metal has no thread-local storage",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help("rf1006"));

    public static readonly DiagnosticDescriptor DroppedValue = new(
        "RF1007",
        "Value that must be used is dropped",
        "The value of '{0}' must be used: {1}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help("rf1007"));

    public static readonly DiagnosticDescriptor Finalizer = new(
        "RF1008",
        "Finalizer on metal",
        "The finalizer of '{0}' would never run: metal code has no garbage collector",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help("rf1008"));

    public static readonly DiagnosticDescriptor Reflection = new(
        "RF1009",
        "Reflection or dynamic on metal",
        "{0} needs type descriptions at run time, and metal code has none",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help("rf1009"));

    public static readonly DiagnosticDescriptor Stackalloc = new(
        "RF1010",
        "Stack allocation without a small constant size",
        "This stackalloc {0}: stacks on metal are a few pages and end in a guard",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help("rf1010"));

    public static readonly DiagnosticDescriptor KernelStackalloc = new(
        "RF1011",
        "Stack allocation in kernel code",
        "On IA-32 the compiled stackalloc lowers the stack pointer by a page before it sets it, and an interrupt in between takes that much more of the kernel stack",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: Help("rf1011"));

    /// <summary>Where the documentation of a diagnostic stands, relative to the root of the repository.</summary>
    public static string Help(string anchor) => "docs/diagnostics.md#" + anchor;
}
