// The mark without which ILC and RyuJIT would compile a member's placeholder body, a call to itself.
namespace System.Runtime.CompilerServices;

/// <summary>Says that the compiler supplies or may replace the body, recognising the member by its full name.</summary>
[AttributeUsage(
    AttributeTargets.Method | AttributeTargets.Constructor | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Field,
    Inherited = false)]
internal sealed class IntrinsicAttribute : Attribute;
