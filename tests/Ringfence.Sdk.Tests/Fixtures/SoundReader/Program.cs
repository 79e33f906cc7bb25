// Names its type and its static like the other component does: closed worlds share no names.

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
    private static int s_initialized = 5;

    [ReadOnlyPartition]
    internal static partial ref readonly Board Board { get; }

    [Semaphore]
    private static partial SemaphoreTaker Ready { get; }

    [MessageQueue("Notes")]
    private static partial MessageReceiver<int> WhatIsNew { get; }

    internal static int Main()
    {
        Ready.Take();
        WhatIsNew.Receive(out int note);
        return s_initialized += (int)Board.Value + note;
    }
}
