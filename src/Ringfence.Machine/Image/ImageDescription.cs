namespace Ringfence.Machine;

/// <summary>
/// What the image builder tells the kernel about the image it linked: where each region lies and which components it holds.
/// The builder emits it as the symbol <c>image_description</c> in kernel read-only data; fields are pointer-sized words in this order.
/// </summary>
/// <remarks>
/// All addresses are both virtual and physical: the image is mapped where it was loaded. Ranges are half-open and page aligned
/// unless a field says otherwise.
/// </remarks>
public readonly struct ImageDescription
{
    /// <summary>Value of <see cref="Version"/> that this kernel understands.</summary>
    public const nuint SupportedVersion = 3;

    /// <summary>Layout version of this structure and of those it points at.</summary>
    public readonly nuint Version;

    /// <summary>First byte of the image.</summary>
    public readonly nuint ImageStart;

    /// <summary>First byte after everything the image reserves in memory, page tables and stack frames included.</summary>
    public readonly nuint ImageEnd;

    /// <summary>Kernel text.</summary>
    public readonly nuint KernelTextStart;

    /// <inheritdoc cref="KernelTextStart"/>
    public readonly nuint KernelTextEnd;

    /// <summary>Kernel read-only data, with the pristine copies of the components' statics.</summary>
    public readonly nuint KernelReadOnlyStart;

    /// <inheritdoc cref="KernelReadOnlyStart"/>
    public readonly nuint KernelReadOnlyEnd;

    /// <summary>Kernel data, with the boot stack.</summary>
    public readonly nuint KernelDataStart;

    /// <inheritdoc cref="KernelDataStart"/>
    public readonly nuint KernelDataEnd;

    /// <summary>Frames of page tables. The first ones are those of the base set, which the file holds filled.</summary>
    public readonly nuint PageTablesStart;

    /// <summary>The first frame that the base set doesn't take.</summary>
    public readonly nuint PageTablePoolStart;

    /// <inheritdoc cref="PageTablesStart"/>
    public readonly nuint PageTablesEnd;

    /// <summary>
    /// Frames for the stacks of threads; mapped elsewhere, with guards that cost address space alone. The first one holds what the loader said until a
    /// thread has its stack there.
    /// </summary>
    public readonly nuint StackFramesStart;

    /// <inheritdoc cref="StackFramesStart"/>
    public readonly nuint StackFramesEnd;

    /// <summary>Address of the first <see cref="ComponentDescription"/>.</summary>
    public readonly nuint Components;

    /// <summary>Number of components.</summary>
    public readonly nuint ComponentCount;

    /// <summary>Address of the first <see cref="SharedPartitionDescription"/>.</summary>
    public readonly nuint SharedPartitions;

    /// <summary>Number of shared partitions.</summary>
    public readonly nuint SharedPartitionCount;

    /// <summary>Address of the first <see cref="ObjectDescription"/>.</summary>
    public readonly nuint Objects;

    /// <summary>Number of declared kernel objects.</summary>
    public readonly nuint ObjectCount;

    /// <summary>Kernel objects that can exist at once: the declared ones, and those that components create.</summary>
    public readonly nuint ObjectCapacity;

    /// <summary>Threads that can exist at once, the kernel's own included; each may have a kernel stack and a user stack.</summary>
    public readonly nuint ThreadCapacity;

    /// <summary>Items of the thread table: one for each of those threads, and behind them the idle thread's.</summary>
    public readonly nuint ThreadSlotCount;

    /// <summary>Items of the domain table: domains that can exist at once, the default one included.</summary>
    public readonly nuint DomainCapacity;

    /// <summary>Items of the region table: regions of the address space, stacks and the kernel's view included.</summary>
    public readonly nuint RegionCount;

    /// <summary>Pages of each kernel stack.</summary>
    public readonly nuint KernelStackPageCount;

    /// <summary>Pages of each user stack.</summary>
    public readonly nuint UserStackPageCount;

    /// <summary>Bytes of a thread's slot in the address space: its two stacks, with a guard below each.</summary>
    public readonly nuint SlotByteCount;

    /// <summary>Timer interrupts a second.</summary>
    public readonly nuint TickFrequencyHertz;

    /// <summary>Address of <c>int KernelModuleMain()</c>, managed convention, run in a kernel thread instead of the components; 0 if the image has none.</summary>
    public readonly nuint KernelModule;
#if KPTI

    /// <summary>Text that every set of tables holds, because it runs before the kernel's set is loaded or after a user set is.</summary>
    public readonly nuint EntryTextStart;

    /// <inheritdoc cref="EntryTextStart"/>
    public readonly nuint EntryTextEnd;

    /// <summary>Data that every set of tables holds: descriptor tables, the stack that an entry from user mode starts on. Follows the text.</summary>
    public readonly nuint EntryDataStart;

    /// <inheritdoc cref="EntryDataStart"/>
    public readonly nuint EntryDataEnd;
#endif
}
