// What the tests, in the kernel, ask of a user thread, and what it answers.

using System.Runtime.CompilerServices;

namespace Ringfence.Guest.Contracts;

/// <summary>One thing to do in user mode.</summary>
public struct ProbeRequest
{
    /// <summary>What to do.</summary>
    public ProbeOperation Operation;

    /// <summary>The address, call number or other first operand.</summary>
    public nuint Operand0;

    /// <summary>The second operand.</summary>
    public nuint Operand1;

    /// <summary>The third operand.</summary>
    public nuint Operand2;

    /// <summary>The fourth operand.</summary>
    public nuint Operand3;

    /// <summary>The fifth operand.</summary>
    public nuint Operand4;

    /// <summary>What came of it.</summary>
    public long Result;

    /// <summary>Set to 1 by the probe after the operation: a thread that was ended leaves it 0.</summary>
    public int IsDone;
}

/// <summary>One request a thread: a thread's argument is its index.</summary>
[InlineArray(Count)]
public struct ProbeRequests
{
    /// <summary>Number of requests.</summary>
    public const int Count = 12;

    private ProbeRequest _request;
}

/// <summary>Pages that the tests hand out as partitions of their own.</summary>
[InlineArray(PageCount * 4096)]
public struct ScratchPages
{
    /// <summary>Number of pages.</summary>
    public const int PageCount = 16;

    private byte _first;
}

/// <summary>More pages to hand out than one step of a switch edits.</summary>
[InlineArray(PageCount * 4096)]
public struct WidePages
{
    /// <summary>Number of pages.</summary>
    public const int PageCount = 144;

    private byte _first;
}

/// <summary>What a probe can do.</summary>
public enum ProbeOperation
{
    /// <summary>Returns at once.</summary>
    None = 0,

    /// <summary>Reads the byte at operand 0 into the result.</summary>
    Read,

    /// <summary>Writes the low byte of operand 1 to operand 0.</summary>
    Write,

    /// <summary>Calls the code at operand 0 with operand 1 in the first argument register; what it returns is the result.</summary>
    Execute,

    /// <summary>Makes system call operand 0 with arguments operand 1 to 4.</summary>
    SystemCall,

    /// <summary>Recurses until the stack ends.</summary>
    OverflowStack,

    /// <summary>Reads element operand 0 of a span of four.</summary>
    Index,

    /// <summary>Divides operand 0 by operand 1.</summary>
    Divide,

    /// <summary>Adds operand 0 and 1 as signed 32-bit numbers, checked.</summary>
    AddChecked,

    /// <summary>Reads a field through a reference that is operand 0: null.</summary>
    NullReference,

    /// <summary>Returns the address of one of the component's statics.</summary>
    StaticAddress,

    /// <summary>Returns the address of a local variable.</summary>
    LocalAddress,

    /// <summary>Counts at operand 0 (a 32-bit word) up to operand 1, yielding between, and checks that nobody else wrote there.</summary>
    CountAndYield,

    /// <summary>Counts at operand 0 (a 32-bit word) for ever.</summary>
    CountForever,

    /// <summary>Returns what the component's initialised static holds, and changes it.</summary>
    ChangeStatic,

    /// <summary>Runs core library case operand 0; 1 if it holds.</summary>
    RunCase,

    /// <summary>Counts the bytes that aren't zero among operand 1 bytes from operand 0 on.</summary>
    CountNonZero,

    /// <summary>Creates a thread that calls operand 0 with operand 1, of priority operand 2; the result is what the kernel answers.</summary>
    CreateThread,

    /// <summary>Creates a thread for request operand 0, of priority operand 1, starts and joins it; the result is the join's.</summary>
    RunChild,

    /// <summary>Sleeps for operand 0 ticks; the result is how many have passed.</summary>
    SleepMeasured,

    /// <summary>Sleeps for operand 2 ticks, then writes the low byte of operand 1 to operand 0.</summary>
    SleepThenWrite,

    /// <summary>As <see cref="CountAndYield"/>, but yields, sleeps, or calls and goes on, by chance; operand 2 is the seed.</summary>
    CountAndWander,

    /// <summary>Returns the address of the partition Tally: the probe writes it, the neighbour reads it.</summary>
    TallyAddress,

    /// <summary>Returns the initialised static and changes it. In the component whose static is operand 0, counts lives in the word at operand 1, notes
    /// the value behind it, and faults by a null reference in the first operand 2 lives.</summary>
    LiveAndFault,

    /// <summary>Makes system call <see cref="SystemCall"/>.Nothing for ever, counting at operand 0 (a 32-bit word).</summary>
    CallForever,

    /// <summary>Writes beyond a buffer on the stack.</summary>
    SmashStack,

    /// <summary>Runs a loop of operand 0 rounds, one every operand 1 ticks, and sleeps operand 3 ticks in round operand 2; the result is the number of missed
    /// rounds, plus 1000 times the ticks that have passed.</summary>
    RunPeriods,

    /// <summary>Sends the probe's message, a number that is operand 0, to its own queue, and receives it; the result is what came back.</summary>
    Echo,

    /// <summary>Takes the lock, then faults.</summary>
    LockAndFault,

    /// <summary>Sleeps for operand 0 ticks, adds 1 to operand 2 of its request, and sleeps as long again.</summary>
    SleepTwice,

    /// <summary>Takes a unit, then writes the low byte of operand 1 to operand 0.</summary>
    TakeThenWrite,

    /// <summary>As <see cref="CountAndYield"/>, and takes and gives a unit in each round.</summary>
    CountTakeGiveAndYield,
}
