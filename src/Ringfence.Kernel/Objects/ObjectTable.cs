// All kernel objects: those that components declare, at fixed slots from boot on, and behind them those that components create.

using System.Runtime.CompilerServices;
using Ringfence.Abi;
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>The slots of kernel objects, and finding one by handle. All operations run with interrupts off.</summary>
public static class ObjectTable
{
    /// <summary>Slots that the image provides.</summary>
    public static int Capacity => (int)ImageTable.Description.ObjectCapacity;

    /// <summary>The object in a slot, 0 to <see cref="Capacity"/> - 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref KernelObject At(int index) => ref KernelMemory.At<KernelObject>(KernelTables.Objects, index, Capacity);

    /// <summary>The handle of the object that is in a slot now.</summary>
    public static int HandleOf(int index) => At(index).Handle;

    /// <summary>Makes the objects that the image declares. Called once.</summary>
    public static void Prepare()
    {
        int count = (int)ImageTable.Description.ObjectCount;
        for (int index = 0; index < count; index++)
        {
            ref readonly ObjectDescription description = ref ImageTable.DeclaredObject(index);
            ref KernelObject made = ref Make(index, (KernelObjectKind)description.Kind, (uint)description.GivingComponents, (uint)description.TakingComponents);
            made.Limit = (int)description.Limit;
            switch (made.Kind)
            {
                case KernelObjectKind.Semaphore when ImageFeatures.HasSemaphores:
                    made.InitialCount = (int)description.Initial;
                    made.Count = made.InitialCount;
                    made.IsLock = description.Shape != 0;
                    break;
                case KernelObjectKind.MessageQueue when ImageFeatures.HasMessageQueues:
                    made.MessageByteCount = (int)description.Shape;
                    made.Buffer = description.Buffer;
                    break;
                case KernelObjectKind.SerialPort when ImageFeatures.HasSerialPorts:
                    made.GivingComponents |= KernelObject.KernelBit;
                    made.TakingComponents |= KernelObject.KernelBit;
                    SerialLine.Open(index, in description);
                    break;
            }
        }
    }

    /// <summary>The slot of the object that a handle names; -1 if it names none of that kind that is there now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Find(nint handle, KernelObjectKind kind)
    {
        const int SlotMask = (1 << KernelHandle.SlotBitCount) - 1;
        int index = (int)handle & SlotMask;
        return index < Capacity && At(index).Kind == kind && At(index).Handle == handle ? index : -1;
    }

    /// <summary>Makes a semaphore for those components. -1 if no slot is free.</summary>
    public static int CreateSemaphore(uint givingComponents, uint takingComponents, int initialCount, int limit)
    {
        for (int index = (int)ImageTable.Description.ObjectCount; index < Capacity; index++)
        {
            if (At(index).Kind == KernelObjectKind.None)
            {
                ref KernelObject made = ref Make(index, KernelObjectKind.Semaphore, givingComponents, takingComponents);
                made.IsCreated = true;
                made.InitialCount = initialCount;
                made.Count = initialCount;
                made.Limit = limit;
                return index;
            }
        }

        return -1;
    }

    /// <summary>Ends the life of an object; whoever waits for it is told.</summary>
    public static void Destroy(int index)
    {
        WaitList.WakeAll(ref At(index), (int)SystemCallStatus.ObjectDestroyed);
        At(index).Kind = KernelObjectKind.None;
    }

    private static ref KernelObject Make(int index, KernelObjectKind kind, uint givingComponents, uint takingComponents)
    {
        ref KernelObject made = ref At(index);
        int lastGeneration = made.Handle >> KernelHandle.GenerationShift;
        int generation = lastGeneration == KernelHandle.GenerationLimit ? 1 : lastGeneration + 1;
        made = default; // nothing of the slot's last object may reach the next
        made.Kind = kind;
        made.Handle = index | ((int)kind << KernelHandle.KindShift) | (generation << KernelHandle.GenerationShift);
        made.GivingComponents = givingComponents;
        made.TakingComponents = takingComponents;
        return ref made;
    }
}
