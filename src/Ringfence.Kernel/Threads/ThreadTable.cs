// All threads of the machine. Slots are fixed at build time: peak memory is known before the machine starts.

using System.Numerics;
using System.Runtime.CompilerServices;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>The slots of threads, and finding one by handle.</summary>
public static class ThreadTable
{
    /// <summary>Slots that an image can have at most: some loops over all of them run with interrupts off.</summary>
    public const int MaximumCapacity = 32;

    /// <summary>Index of the idle thread, behind all others: it runs on the boot stack and takes no slot of the image.</summary>
    public static int Idle => Capacity;

    /// <summary>The slot of the main thread, the first that is made. The image gives it no user stack, so nobody ever gets it after that thread, which ends with the machine as a rule.</summary>
    public const int Main = 0;

    /// <summary>Slots that the image provides.</summary>
    public static int Capacity => (int)ImageTable.Description.ThreadCapacity;

    /// <summary>The thread in a slot, 0 to <see cref="Capacity"/> - 1, or <see cref="Idle"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref Thread At(int slot) =>
        ref KernelMemory.At<Thread>(KernelTables.Threads, slot, (int)ImageTable.Description.ThreadSlotCount);

    /// <summary>The thread in a slot, by address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ThreadReference ReferenceTo(int slot) => new(KernelMemory.AddressOf(ref At(slot)));

    /// <summary>The handle of the thread that is in a slot now.</summary>
    public static ThreadHandle HandleOf(int slot) => ThreadHandle.Create(slot, At(slot).Generation);

    /// <summary>The slot that a handle names, if the thread it was made for is still there.</summary>
    public static bool TryFind(ThreadHandle handle, out int slot)
    {
        slot = handle.Slot;
        return slot < Capacity && handle.Generation != 0 && At(slot).Generation == handle.Generation && At(slot).State != ThreadState.Free;
    }

    /// <summary>Whether there is a thread in this slot that has not ended. False for an index that is no slot, and for the idle thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsAlive(int slot) => (uint)slot < (uint)Capacity && At(slot).State is not (ThreadState.Free or ThreadState.Ended);

    // The slots that are given again.
    private const uint NotMain = ~(1u << Main);

    // A bit for each slot whose thread has ended: those that somebody has joined, and those that nobody has. Slots from s_fresh on never had a thread.
    private static uint s_joined;
    private static uint s_notJoined;
    private static int s_fresh;

    // The slot given last: joined threads give theirs in turn, so that each is kept as long as it can be.
    private static int s_last;

    /// <summary>
    /// Finds a slot for a new thread: a fresh one, or that of a joined thread, or that of the thread that ended longest ago, so that an outcome
    /// is kept as long as it can be. -1 if all are in use. <see cref="OnCreated"/> follows if the thread is made. Interrupts are off.
    /// </summary>
    public static int FindFree()
    {
        if (s_fresh != Capacity)
        {
            return s_fresh;
        }

        // Twice: those behind the last one first.
        uint joined = s_joined & NotMain;
        for (uint behind = joined & (uint.MaxValue << s_last << 1); joined != 0; behind &= behind - 1)
        {
            if (behind == 0)
            {
                behind = joined;
            }

            int slot = BitOperations.TrailingZeroCount(behind);
            if (IsReplaceable(slot))
            {
                return slot;
            }

            joined &= ~(1u << slot);
        }

        int ended = -1;
        for (uint left = s_notJoined & NotMain; left != 0; left &= left - 1)
        {
            int slot = BitOperations.TrailingZeroCount(left);

            // Numbers wrap; two that are kept at once are never far apart.
            if (IsReplaceable(slot) && (ended < 0 || (int)(At(slot).EndNumber - At(ended).EndNumber) < 0))
            {
                ended = slot;
            }
        }

        return ended;
    }

    /// <summary>A slot that was found has a new thread. Interrupts are off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OnCreated(int slot)
    {
        uint others = ~(1u << slot);
        s_joined &= others;
        s_notJoined &= others;
        s_last = slot;
        if (slot == s_fresh)
        {
            s_fresh++;
        }
    }

    /// <summary>A thread has ended. Interrupts are off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OnEnded(int slot) => s_notJoined |= 1u << slot;

    /// <summary>Somebody has waited for the end of a thread: its outcome need not be kept. Interrupts are off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OnJoined(int slot)
    {
        s_notJoined &= ~(1u << slot);
        s_joined |= 1u << slot;
    }

    /// <summary>Whether a component may have another thread: a slot is free beyond those that are kept for main threads. Interrupts are off.</summary>
    public static bool HasSpareSlot
    {
        get
        {
            int spare = Capacity - s_fresh - ComponentTable.ReservedSlotCount;
            for (uint left = (s_joined | s_notJoined) & NotMain; left != 0; left &= left - 1)
            {
                spare += IsReplaceable(BitOperations.TrailingZeroCount(left)) ? 1 : 0;
            }

            return spare > 0;
        }
    }

    // An ended thread that runs on its own kernel stack still (it is current) can't be replaced yet, nor one whose outcome is waited for.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsReplaceable(int slot)
    {
        ref Thread thread = ref At(slot);
        return thread.JoinerCount == 0 && !Unsafe.AreSame(ref thread, ref Scheduler.CurrentThread);
    }
}
