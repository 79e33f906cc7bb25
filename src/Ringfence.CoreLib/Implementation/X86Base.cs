// The processor's own division of 64 bits by 32, which RyuJIT emits for this method by its name.
using System.Runtime.CompilerServices;

namespace System.Runtime.Intrinsics.X86;

/// <summary>Instructions that every x86 processor has.</summary>
[Intrinsic]
internal abstract class X86Base
{
    internal static bool IsSupported
    {
        [Intrinsic]
        get => IsSupported;
    }

    /// <summary>The instruction <c>div</c>: faults if the quotient does not fit.</summary>
    [Intrinsic]
    internal static (uint Quotient, uint Remainder) DivRem(uint lower, uint upper, uint divisor) => DivRem(lower, upper, divisor);
}
