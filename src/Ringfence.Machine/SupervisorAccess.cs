using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ringfence.Machine;

/// <summary>Tells the entry stubs that SMAP is on, so that each of them clears EFLAGS.AC first.</summary>
internal static class SupervisorAccess
{
    /// <summary>From now on every entry executes CLAC.</summary>
    [RuntimeImport("*", "machine_close_supervisor_access")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Close();
}
