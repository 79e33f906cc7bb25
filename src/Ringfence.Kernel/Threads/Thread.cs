// One slot of the thread table. Everything a thread is to the kernel stands here; its stacks belong to the slot for good.

#if STRATEGY_COMMON
using Ringfence.Domains;
#endif
using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>A kernel thread or a user thread.</summary>
public struct Thread
{
    /// <summary>The number of no slot.</summary>
    public const int None = -1;

    /// <summary>The component of a thread that belongs to none.</summary>
    public const int NoComponent = -1;

    /// <summary>What a switch saves and loads. The first field: it gets the address of the slot.</summary>
    public ThreadContext Context;

    /// <summary>Number of the slot.</summary>
    public int Slot;

    /// <summary>What the thread is doing.</summary>
    public ThreadState State;

    /// <summary>Whether it runs user code. A kernel thread that drops to user mode becomes one for good.</summary>
    public bool IsUser;

    /// <summary>Whether a fault ended it.</summary>
    public bool HasFaulted;

    /// <summary>Threads that wait for its end, or did and haven't looked at its outcome yet: while there are any, the slot is not given away.</summary>
    public int JoinerCount;

    /// <summary>Counts ended threads: the order in which they ended.</summary>
    public uint EndNumber;

    /// <summary>0 to 15; 0 is the most important.</summary>
    public int Priority;

    /// <summary>Ticks left before threads of the same priority get their turn.</summary>
    public int SliceTicks;

    /// <summary>Which life of the slot this is; see <see cref="ThreadHandle"/>.</summary>
    public int Generation;

    /// <summary>Next thread in the ready queue of its priority, the first one for the last; or in the list of those who wait for the same object, none for the last.</summary>
    public ThreadReference Next;

    /// <summary>The slot of the thread that it waits for while <see cref="ThreadState.Joining"/>, and until it has looked at the outcome; it is one of that one's <see cref="JoinerCount"/>.</summary>
    public int JoinTarget;

    /// <summary>Slot of the object that it waits for while <see cref="ThreadState.Blocked"/>, or <see cref="None"/>.</summary>
    public int WaitObject;

    /// <summary>What its last wait for an object ended with.</summary>
    public int WaitResult;

    /// <summary>Where the message is that it wants to send or have; after a refused copy, the first address that it may not use so.</summary>
    public nuint WaitAddress;

    /// <summary>Exit code, valid once ended.</summary>
    public int ExitCode;

    /// <summary>Domain whose partitions it may use; a kernel thread's counts when it drops to user mode.</summary>
    public int Domain;
#if !STRATEGY_COMMON

    /// <summary>Where the strategy has what it keeps for <see cref="Domain"/>: a switch would have to multiply for it.</summary>
    public nuint DomainTables;
#endif

    /// <summary>Component it belongs to, or <see cref="NoComponent"/>.</summary>
    public int Component;

    /// <summary>Tick at which a sleep or a wait for an object ends.</summary>
    public ulong WakeTick;

    /// <summary>Kernel threads: address of the method to run. User threads: the method that the component's start code calls, 0 for Main.</summary>
    public nuint Function;

    /// <summary>Argument of <see cref="Function"/>.</summary>
    public nuint Argument;

    /// <summary>Increased whenever the slot's user stack changes hands, so that no one takes the old owner's rights for the new one's.</summary>
    public uint StackGeneration;

#if STRATEGY_COMMON
    /// <summary>Its user stack, and what is known of where it lies; the default value until <see cref="Protection.OnStackReady"/>, and where stacks are the domain's.</summary>
    public StackPlace StackPlace;

#endif

    /// <summary>The fault that ended it, valid if <see cref="HasFaulted"/>.</summary>
    public FaultRecord Fault;
}
