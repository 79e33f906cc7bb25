// All threads of the machine. Slots are fixed at build time: peak memory is known before the machine starts.

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

    /// <summary>
    /// Finds a slot for a new thread: a fresh one, or that of a joined thread, or that of the thread that ended longest ago, so that an outcome
    /// is kept as long as it can be. -1 if all are in use.
    /// </summary>
    public static int FindFree()
    {
        if (At(Main).State == ThreadState.Free)
        {
            return Main;
        }

        int ended = -1;
        for (int slot = Main + 1; slot < Capacity; slot++)
        {
            ref Thread thread = ref At(slot);
            if (thread.State == ThreadState.Free)
            {
                return slot;
            }

            if (IsReplaceable(ref thread) && (ended < 0 || IsLessNeeded(ref thread, ref At(ended))))
            {
                ended = slot;
            }
        }

        return ended;
    }

    /// <summary>Whether a component may have another thread: a slot is free beyond those that are kept for main threads. Interrupts are off.</summary>
    public static bool HasSpareSlot
    {
        get
        {
            int spare = -ComponentTable.ReservedSlotCount;
            for (int slot = Main + 1; slot < Capacity; slot++)
            {
                spare += At(slot).State == ThreadState.Free || IsReplaceable(ref At(slot)) ? 1 : 0;
            }

            return spare > 0;
        }
    }

    // An ended thread that runs on its own kernel stack still (it is current) can't be replaced yet, nor one whose outcome is waited for.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsReplaceable(ref Thread thread) =>
        thread.State == ThreadState.Ended && thread.JoinerCount == 0 && !Unsafe.AreSame(ref thread, ref Scheduler.CurrentThread);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsLessNeeded(ref Thread thread, ref Thread other) => thread.WasJoined == other.WasJoined
        ? (int)(thread.EndNumber - other.EndNumber) < 0 // numbers wrap; two that are kept at once are never far apart
        : thread.WasJoined;
}
