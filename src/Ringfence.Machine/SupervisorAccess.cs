// SMAP: the kernel touches no page of user mode, not even by mistake, as long as EFLAGS.AC is clear. User mode may set AC, and neither an interrupt nor INT clears it.

using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ringfence.Machine;

/// <summary>Tells the entry stubs that SMAP is on, so that each of them clears EFLAGS.AC first.</summary>
public static class SupervisorAccess
{
    /// <summary>From now on every entry executes CLAC.</summary>
    [RuntimeImport("*", "machine_close_supervisor_access")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Close();
#if AUDIT

    /// <summary>Whether an entry has left AC as user mode set it, where that matters.</summary>
    public static bool IsOpen => (Processor.ReadControl4() & ProcessorFeatures.Control4SupervisorAccessPrevention) != 0 && (ReadFlags() & FlagAlignmentCheck) != 0;

    private const nuint FlagAlignmentCheck = 1 << 18;

    [RuntimeImport("*", "machine_read_flags")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nuint ReadFlags();
#endif
}
