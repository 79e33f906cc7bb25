// Takes more than a page of stack, in a way that can be worked out: a large local, a recursion with a limit, a call through a pointer, a second thread.

using System.Runtime.CompilerServices;
using Ringfence.Abi;
using Ringfence.App;

namespace Deep;

[InlineArray(5000)]
internal struct LargeBuffer
{
    private byte _first;
}

internal static unsafe class Program
{
    private static int s_sum;

    internal static int Main()
    {
        if (UserThread.TryCreate(&RunSecond, 3, 8, out UserThread second) == SystemCallStatus.Success)
        {
            second.Start();
        }

        LargeBuffer buffer = default;
        Fill(ref buffer);
        return buffer[s_sum] + CallThrough(&Twice);
    }

    private static void RunSecond(nint argument) => s_sum += Countdown((int)argument);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fill(ref LargeBuffer buffer) => buffer[4999] = (byte)s_sum;

    [MethodImpl(MethodImplOptions.NoInlining)]
    [MaximumRecursion(4)]
    private static int Countdown(int value) => value == 0 ? s_sum : Countdown(value - 1) + value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    [CallsThroughPointer]
    private static int CallThrough(delegate*<int, int> function) => function(s_sum) + 1;

    private static int Twice(int value) => value * 2;
}
