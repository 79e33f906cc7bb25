// Operations that take more than one step: threads of the component, time, and what a thread finds on its stack.

using System.Runtime.CompilerServices;
using System.Threading;
using Ringfence.Abi;
using Ringfence.App;

namespace Ringfence.Guest.Probe;

internal static unsafe partial class Program
{
#if NEIGHBOUR
    [ReadOnlyPartition]
    private static partial ref readonly ulong Tally { get; }
#else
    [WritablePartition]
    private static partial ref ulong Tally { get; }
#endif

    private static nint TallyAddress() => (nint)Unsafe.AsPointer(ref Unsafe.AsRef(in Tally));

    private static long CountNonZero(nuint address, nuint byteCount)
    {
        long count = 0;
        for (nuint index = 0; index < byteCount; index++)
        {
            count += Volatile.Read(ref *(byte*)(address + index)) == 0 ? 0 : 1;
        }

        return count;
    }

    private static long RunChild(nuint request, nint priority)
    {
        long handle = Kernel.Call(SystemCall.CreateThread, 0, (nint)request, priority);
        if (handle <= 0)
        {
            return handle;
        }

        Kernel.Call(SystemCall.StartThread, (nint)handle);
        return Kernel.Call(SystemCall.Join, (nint)handle);
    }

    private static long SleepMeasured(nuint ticks)
    {
        ulong before = Machine.Ticks;
        Kernel.Call(SystemCall.Sleep, (nint)ticks);
        return (long)(Machine.Ticks - before);
    }

    private static long SleepThenWrite(byte* address, byte value, nuint ticks)
    {
        Kernel.Call(SystemCall.Sleep, (nint)ticks);
        Volatile.Write(ref *address, value);
        return 0;
    }

    // Like CountAndYield, but gives the processor away in a way that chance decides, so that the order of threads has no pattern.
    private static long CountAndWander(uint* counter, uint limit, uint seed)
    {
        uint state = seed;
        for (uint count = 1; count <= limit; count++)
        {
            if (Volatile.Read(ref *counter) != count - 1)
            {
                return -1;
            }

            Volatile.Write(ref *counter, count);
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            switch (state & 15)
            {
                case 0:
                    Kernel.Call(SystemCall.Sleep, 1);
                    break;
                case 1:
                    Kernel.Call(SystemCall.Nothing);
                    break;
                default:
                    UserThread.Yield();
                    break;
            }
        }

        return limit;
    }

    // For restarts: notes what the static held at the start of this life, changes it, and faults in its first lives.
    private static long LiveAndFault(nuint victimStatic, uint* log, nuint faultCount)
    {
        int before = s_initialised;
        s_initialised = ~before;
        if ((nuint)Unsafe.AsPointer(ref s_initialised) != victimStatic)
        {
            return before;
        }

        uint life = Volatile.Read(ref log[0]);
        Volatile.Write(ref log[0], life + 1);
        Volatile.Write(ref log[life + 1], (uint)before);
        if (life < faultCount)
        {
            Volatile.Write(ref *(byte*)0, 1);
        }

        return before;
    }
}
