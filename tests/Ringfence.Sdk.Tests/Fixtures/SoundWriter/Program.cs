// A component with statics of every kind that needs no code to run first, and a partition to write.

using Ringfence.App;

namespace Sound;

internal struct Board
{
    public long Value;
    public InlineNumbers Numbers;
}

[System.Runtime.CompilerServices.InlineArray(1000)]
internal struct InlineNumbers
{
    private int _first;
}

internal static partial class Program
{
    private static long s_initialized = 0x1122_3344_5566_7788;
    private static int s_zero;

    [WritablePartition("Board")]
    internal static partial ref Board Shared { get; }

    [Semaphore(InitialCount = 2, Limit = 5)]
    private static partial SemaphoreGiver Ready { get; }

    [MessageQueue(Capacity = 3)]
    private static partial MessageSender<int> Notes { get; }

    [MessageQueue]
    private static partial MessageSender<int> Orders { get; }

    internal static int Main()
    {
        s_zero++;
        Shared.Value = s_initialized * s_zero;
        Shared.Numbers[s_zero] = Twice(s_zero);
        s_initialized += Shared.Value;
        Ready.Give();
        Notes.Send(s_zero);
        Orders.Send(s_zero);
        return s_zero;
    }

    private static int Twice(int value) => Number<Doubled>.Of(value);
}

internal interface IFactor
{
    static abstract int Factor { get; }
}

internal readonly struct Doubled : IFactor
{
    public static int Factor => 2;
}

internal static class Number<T>
    where T : struct, IFactor
{
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    internal static int Of(int value) => value * T.Factor;
}
