// The one mistake that neither a bounds check nor the page tables see, and the stack cookie does.

using System.Runtime.CompilerServices;
using System.Threading;

namespace Ringfence.Guest.Probe;

internal static unsafe partial class Program
{
    // The frame's cookie lies between its buffers and its return address.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long SmashStack()
    {
        byte* buffer = stackalloc byte[16];
        for (int index = 0; index < 48; index++)
        {
            Volatile.Write(ref buffer[index], 0xEE);
        }

        return buffer[0];
    }
}
