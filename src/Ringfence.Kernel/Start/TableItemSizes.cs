// What the image builder must know to reserve the kernel's tables, said by the compiler and nobody else: each of these is compiled to one
// constant, which the builder reads from the code. Nothing calls them.

using System.Runtime;
using System.Runtime.CompilerServices;
using Ringfence.Domains;

namespace Ringfence.Kernel;

/// <summary>Bytes of an item of each table in <see cref="Machine.KernelTables"/>.</summary>
public static class TableItemSizes
{
    [RuntimeExport("kernel_thread_byte_count")]
    private static int Thread() => Unsafe.SizeOf<Thread>();

    [RuntimeExport("kernel_domain_byte_count")]
    private static int Domain() => Unsafe.SizeOf<Domain>();

#if !STRATEGY_COMMON
    [RuntimeExport("kernel_domain_tables_byte_count")]
    private static int DomainTables() => Protection.DomainTablesByteCount;

#endif
    [RuntimeExport("kernel_region_byte_count")]
    private static int Region() => Unsafe.SizeOf<BaseRegion>();

    [RuntimeExport("kernel_component_byte_count")]
    private static int Component() => Unsafe.SizeOf<Component>();

    [RuntimeExport("kernel_object_byte_count")]
    private static int KernelObject() => Unsafe.SizeOf<KernelObject>();
}
