// Kernel threads made by tests, and the order in which things happened in them.

using System.Runtime.CompilerServices;
using Ringfence.Kernel;
using Ringfence.Machine;

namespace Ringfence.Guest.Supervisor;

internal static unsafe class KernelThreads
{
    // Long enough for the slowest emulator on a busy host; a test that waits as long has failed.
    private const int PatienceTicks = 5000;

    /// <summary>Creates a kernel thread. Not started.</summary>
    public static int Create(delegate*<nint, void> body, nint argument, int priority)
    {
        int slot = ThreadLifecycle.CreateKernelThread(body, argument, priority);
        Expect.True(slot >= 0, "a slot is free for the kernel thread"u8);
        return slot;
    }

    /// <summary>Creates and starts a kernel thread.</summary>
    public static int Start(delegate*<nint, void> body, nint argument, int priority)
    {
        int slot = Create(body, argument, priority);
        ThreadLifecycle.Start(slot);
        return slot;
    }

    /// <summary>Creates and starts a kernel thread whose first turn no tick will end: for tests of an order that ticks have no part in.</summary>
    public static int StartUndisturbed(delegate*<nint, void> body, nint argument, int priority)
    {
        int slot = Start(body, argument, priority);
        ThreadTable.At(slot).SliceTicks = PatienceTicks;
        return slot;
    }

    /// <summary>Creates and starts a kernel thread and waits for its end.</summary>
    public static int Run(delegate*<nint, void> body, nint argument, int priority)
    {
        int slot = Start(body, argument, priority);
        ThreadLifecycle.Join(slot);
        return slot;
    }

    /// <summary>Lets less important threads run until this one has got into a state.</summary>
    public static bool WaitFor(int slot, ThreadState state)
    {
        for (int tick = 0; tick < PatienceTicks && ThreadTable.At(slot).State != state; tick++)
        {
            ThreadLifecycle.Sleep(1);
        }

        return Expect.Equal((int)state, (int)ThreadTable.At(slot).State, "the state a thread was expected to reach"u8);
    }

    /// <summary>Lets less important threads run until this one has ended; one that should have and hasn't is ended, so that the tests go on.</summary>
    public static void WaitForEnd(int slot)
    {
        if (!WaitFor(slot, ThreadState.Ended))
        {
            ThreadLifecycle.EndOther(slot);
        }
    }

    /// <summary>Lets less important threads run until a user thread's counter in a scratch page has passed a value.</summary>
    public static bool WaitForCount(int page, uint count)
    {
        for (int tick = 0; tick < PatienceTicks && System.Threading.Volatile.Read(ref Probe.ScratchWord(page)) <= count; tick++)
        {
            ThreadLifecycle.Sleep(1);
        }

        return Expect.True(Probe.ScratchWord(page) > count, "a user thread was expected to count on"u8);
    }

    /// <summary>Threads, the idle one not counted, that have not ended.</summary>
    public static int LiveCount
    {
        get
        {
            int count = 0;
            for (int slot = 0; slot < ThreadTable.Capacity; slot++)
            {
                count += ThreadTable.At(slot).State is ThreadState.Free or ThreadState.Ended ? 0 : 1;
            }

            return count;
        }
    }
}

/// <summary>Notes of threads in the order in which they were made.</summary>
internal static class Trace
{
    private const int Capacity = 64;

    private static Notes s_notes;

    public static int Count { get; private set; }

    public static int At(int index) => s_notes[index];

    public static void Clear() => Count = 0;

    public static void Add(int note)
    {
        bool enabled = Processor.DisableInterrupts();
        if (Count < Capacity)
        {
            s_notes[Count++] = note;
        }

        Processor.RestoreInterrupts(enabled);
    }

    /// <summary>Body of a kernel thread that notes its argument and ends.</summary>
    public static void AddAndEnd(nint note) => Add((int)note);

    /// <summary>Checks that exactly these notes were made, in this order.</summary>
    public static void Expect(System.ReadOnlySpan<int> notes, System.ReadOnlySpan<byte> what)
    {
        if (Supervisor.Expect.Equal(notes.Length, Count, what))
        {
            for (int index = 0; index < notes.Length; index++)
            {
                Supervisor.Expect.Equal(notes[index], s_notes[index], what);
            }
        }
    }

    [InlineArray(Capacity)]
    private struct Notes
    {
        private int _note;
    }
}
