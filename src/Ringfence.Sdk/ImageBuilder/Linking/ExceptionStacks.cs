// The stacks of exceptions that don't run on the stack that they find. The image builder reserves them in kernel data, each as large as the machine code needs it; DescriptorTables of each
// architecture has their ends as constants of the link.

namespace Ringfence.ImageBuilder.Linking;

/// <summary>Their sizes in bytes. IA-32 has the one of double faults alone.</summary>
internal sealed record ExceptionStacks(int NonMaskable, int Debug, int DoubleFault)
{
    /// <summary>The symbol where the stack of non-maskable interrupts begins; its end is a symbol as well.</summary>
    public const string NonMaskableSymbol = "image_non_maskable_stack";

    /// <summary>The same of debug exceptions.</summary>
    public const string DebugSymbol = "image_debug_stack";

    /// <summary>The same of double faults, which machine checks take as well.</summary>
    public const string DoubleFaultSymbol = "image_double_fault_stack";

    // Where the need has no bound: a kernel module of a test calls through pointers. What its handlers do is the same as elsewhere.
    private const int UsualBytes = 3072;
    private const int UsualBytesOfIa32 = 2048;
    private const int Alignment = 16;

    /// <summary>The sizes of an image for which nothing has been worked out.</summary>
    public static ExceptionStacks Usual(ImageFormat format) =>
        format.Is64Bit() ? new(UsualBytes, UsualBytes, UsualBytes) : new(0, 0, UsualBytesOfIa32);

    /// <summary>Reserves them.</summary>
    public void Define(LinkScope kernel, SyntheticObject tables)
    {
        foreach ((string name, int bytes) in new[] { (NonMaskableSymbol, NonMaskable), (DebugSymbol, Debug), (DoubleFaultSymbol, DoubleFault) })
        {
            if (bytes != 0)
            {
                Objects.Symbol stack = tables.AddZeroes(name, bytes, Alignment);
                kernel.Define(name + "_end", new Objects.Symbol(name + "_end", isGlobal: true) { Fragment = stack.Fragment, Offset = bytes });
            }
        }
    }
}
