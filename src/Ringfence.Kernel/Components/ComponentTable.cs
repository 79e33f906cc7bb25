// The components of the image: their domains, and starting them with pristine statics, the first time as every other.

using System;
using Ringfence.Domains;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>All components, in the order of the image.</summary>
public static class ComponentTable
{
    /// <summary>Components that an image can have at most.</summary>
    public const int Capacity = 16;

    /// <summary>Number of components in the image.</summary>
    public static int Count => (int)ImageTable.Description.ComponentCount;

    /// <summary>The component <paramref name="index"/>, 0 to <see cref="Count"/> - 1.</summary>
    public static ref Component At(int index) => ref KernelMemory.At<Component>(KernelTables.Components, index, Count);

    /// <summary>Its name, ASCII.</summary>
    public static ReadOnlySpan<byte> NameOf(int index)
    {
        ref readonly ComponentDescription description = ref ImageTable.Component(index);
        return ImageTable.Name(description.Name, description.NameLength);
    }

    /// <summary>Creates the domain of every component, with its private partitions and the shared ones it is granted, and fills its statics.</summary>
    public static void Prepare()
    {
        for (int index = 0; index < Count; index++)
        {
            ref readonly ComponentDescription description = ref ImageTable.Component(index);
            int domain = Protection.CreateDomain(out DomainError error);
            if (!error.IsNone)
            {
                Panic.Stop("the image has no room for a domain of each component; the value to blame:"u8, error.OffendingValue, (int)error.Code);
            }

            At(index).Domain = domain;
            Add(domain, description.TextStart, description.TextEnd, PartitionRights.ReadExecute);
            Add(domain, description.ReadOnlyStart, description.ReadOnlyEnd, PartitionRights.ReadOnly);
            Add(domain, description.StaticsStart, description.StaticsEnd, PartitionRights.ReadWrite);
            for (int grant = 0; grant < (int)description.GrantCount; grant++)
            {
                ref readonly GrantDescription granted = ref ImageTable.Grant(in description, grant);
                ref readonly SharedPartitionDescription shared = ref ImageTable.SharedPartition((int)granted.SharedPartition);
                Add(domain, shared.Start, shared.End, granted.Writable != 0 ? PartitionRights.ReadWrite : PartitionRights.ReadOnly);
            }

            RestoreStatics(index);
        }

        for (int index = 0; index < (int)ImageTable.Description.SharedPartitionCount; index++)
        {
            ref readonly SharedPartitionDescription shared = ref ImageTable.SharedPartition(index);
            UserMemory.View(shared.Start, shared.End - shared.Start).Clear();
        }
    }

    /// <summary>Starts a component's main thread. False if there is no slot for it.</summary>
    public static bool StartMain(int index)
    {
        ref Component component = ref At(index);
        int slot = ThreadLifecycle.CreateUserThread(index, component.Domain, 0, 0, (int)ImageTable.Component(index).Priority);
        if (slot < 0)
        {
            return false;
        }

        component.State = ComponentState.Running;
        component.MainThread = ThreadTable.HandleOf(slot);
        ThreadLifecycle.Start(slot);
        return true;
    }

    /// <summary>
    /// Thread slots that must stay free for main threads: one for each component that was started and has no main thread now, because it
    /// may have to be restarted, and another component's threads must not be what prevents that.
    /// </summary>
    public static int ReservedSlotCount
    {
        get
        {
            int reserved = 0;
            for (int index = 0; index < Count; index++)
            {
                ref Component component = ref At(index);
                bool isSupervised = component.State is ComponentState.Running or ComponentState.Faulted;
                bool hasMain = ThreadTable.TryFind(component.MainThread, out int slot) && ThreadTable.At(slot).State != ThreadState.Ended;
                reserved += isSupervised && !hasMain ? 1 : 0;
            }

            return reserved;
        }
    }

    /// <summary>Ends every thread of a component.</summary>
    public static void EndThreads(int index)
    {
        for (int slot = 0; slot < ThreadTable.Capacity; slot++)
        {
            if (ThreadTable.At(slot).Component == index && slot != Scheduler.Current)
            {
                ThreadLifecycle.EndOther(slot);
            }
        }
    }

    /// <summary>Gives the statics the content they have in a component that never ran. None of its threads exists.</summary>
    public static void RestoreStatics(int index)
    {
        ref readonly ComponentDescription description = ref ImageTable.Component(index);
        Span<byte> statics = UserMemory.View(description.StaticsStart, description.StaticsEnd - description.StaticsStart);
        ReadOnlySpan<byte> pristine = KernelMemory.Bytes(description.PristineStart, description.PristineLength);
        pristine.CopyTo(statics);
        statics[pristine.Length..].Clear();
    }

    /// <summary>A user thread of a component was created. Interrupts are off.</summary>
    public static void OnThreadCreated(int slot)
    {
        int index = ThreadTable.At(slot).Component;
        if (index != Thread.NoComponent)
        {
            At(index).LiveThreadCount++;
        }
    }

    /// <summary>A thread ended; if it was its component's last, or a fault ended it, the supervisor has something to do. Interrupts are off.</summary>
    public static void OnThreadEnded(int slot)
    {
        ref Thread thread = ref ThreadTable.At(slot);
        if (thread.Component == Thread.NoComponent)
        {
            return;
        }

        ref Component component = ref At(thread.Component);
        component.LiveThreadCount--;
        if (ThreadTable.HandleOf(slot) == component.MainThread)
        {
            component.ExitCode = thread.ExitCode;
        }

        if (thread.HasFaulted)
        {
            component.FaultCount++;
            component.State = ComponentState.Faulted;
        }
        else if (component.LiveThreadCount == 0 && component.State == ComponentState.Running)
        {
            component.State = ComponentState.Finished;
            Peers.OnComponentEnded(thread.Component, isRestarted: false);
        }

        Supervisor.Notify();
    }

    private static void Add(int domain, nuint start, nuint end, PartitionRights rights)
    {
        if (end == start)
        {
            return;
        }

        DomainError error = Partition.TryCreate<PagingFormat>(new VirtualAddress(start), end - start, rights, out Partition partition);
        if (error.IsNone)
        {
            error = Protection.AddPartition(domain, in partition);
        }

        if (!error.IsNone)
        {
            Panic.Stop("a partition of the image was refused; the value to blame:"u8, error.OffendingValue, (int)error.Code);
        }
    }
}
