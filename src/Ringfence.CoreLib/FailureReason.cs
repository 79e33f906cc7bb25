// The one table of reasons that the core library hands to RingfenceFail: linked into the kernel and the tools, so that a report can name the reason.
namespace Ringfence.CoreLib;

/// <summary>Why the core library or the compiled code gave up: the only argument of <c>RingfenceFail</c>.</summary>
/// <remarks>The numbers are a binary contract between a component's code and the kernel: append, never renumber.</remarks>
internal static class FailureReason
{
    /// <summary>An index lay outside an array, a span or a string.</summary>
    public const int IndexOutOfRange = 1;

    /// <summary>A null reference was used where the compiler tests for it in code instead of leaving it to the page fault.</summary>
    public const int NullReference = 2;

    /// <summary>An integer was divided by zero.</summary>
    public const int DivideByZero = 3;

    /// <summary>A checked operation, or the division of the least integer by -1, overflowed.</summary>
    public const int Overflow = 4;

    /// <summary>An argument lay outside its range, for example the bounds of a slice.</summary>
    public const int ArgumentOutOfRange = 5;

    /// <summary>An argument was unusable for another reason, for example a destination that is too short.</summary>
    public const int Argument = 6;

    /// <summary>A cast or an unboxing met an object of another type.</summary>
    public const int InvalidCast = 7;

    /// <summary>The operation is not supported by this core library, for example an integer format other than D, G, X and B.</summary>
    public const int NotSupported = 8;

    /// <summary>An element of the wrong type was stored into an array of references.</summary>
    public const int ArrayTypeMismatch = 9;

    /// <summary>The stack cookie of a frame was overwritten. Raised by the supplier of RhpFallbackFailFast, not by the core library.</summary>
    public const int StackCookie = 10;

    /// <summary>Anything else: a type that failed to load, a body that was removed.</summary>
    public const int Other = 11;

    /// <summary>A member was used in a state that forbids it, for example the value of a <see cref="System.Nullable{T}"/> without one.</summary>
    public const int InvalidOperation = 12;
}
