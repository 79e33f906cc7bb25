// In images built to count: what an edit of page tables costs besides instructions, and how long interrupts are off.

#if COUNT
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ringfence.Machine;

/// <summary>Counts of events. In memory as common/counting.asm has it.</summary>
public struct EventCounts
{
    /// <summary>Time stamp at the boot entry.</summary>
    public ulong BootStamp;

    /// <summary>INVLPG instructions.</summary>
    public uint InvalidatedPages;

    /// <summary>Writes of CR3.</summary>
    public uint Control3Writes;

    /// <summary>The longest run of instructions with interrupts off that has ended.</summary>
    public uint LongestInterruptsOff;
}

/// <summary>Counts what happens between a begin and an end; several such stretches add up to one measurement.</summary>
public static unsafe class EventCounter
{
    private static uint s_begunEntryWrites;
    private static uint s_begunInvalidatedPages;
    private static uint s_begunControl3Writes;

    /// <summary>Counts since boot.</summary>
    public static ref readonly EventCounts SinceBoot => ref *Counts;

    /// <summary>Writes of page-table entries in the stretches measured.</summary>
    public static uint EntryWrites { get; private set; }

    /// <summary>INVLPG instructions in the stretches measured.</summary>
    public static uint InvalidatedPages { get; private set; }

    /// <summary>Writes of CR3 in the stretches measured.</summary>
    public static uint Control3Writes { get; private set; }

    /// <summary>The longest run of instructions with interrupts off that ended in a stretch measured.</summary>
    public static uint LongestInterruptsOff { get; private set; }

    private static EventCounts* Counts => (EventCounts*)ImportCounts();

    /// <summary>A stretch begins.</summary>
    public static void Begin()
    {
        s_begunEntryWrites = EntryWriteCounter.SinceBoot;
        s_begunInvalidatedPages = Counts->InvalidatedPages;
        s_begunControl3Writes = Counts->Control3Writes;
        Counts->LongestInterruptsOff = 0;
        ImportMeasurementBegins();
    }

    /// <summary>It ends.</summary>
    public static void End()
    {
        ImportMeasurementEnds();
        EntryWrites += EntryWriteCounter.SinceBoot - s_begunEntryWrites;
        InvalidatedPages += Counts->InvalidatedPages - s_begunInvalidatedPages;
        Control3Writes += Counts->Control3Writes - s_begunControl3Writes;
        if (Counts->LongestInterruptsOff > LongestInterruptsOff)
        {
            LongestInterruptsOff = Counts->LongestInterruptsOff;
        }
    }

    /// <summary>The measurement has been reported; the next one starts at nothing.</summary>
    public static void Reset()
    {
        ImportMeasurementReported();
        EntryWrites = 0;
        InvalidatedPages = 0;
        Control3Writes = 0;
        LongestInterruptsOff = 0;
    }

    [RuntimeImport("*", "machine_event_counts")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nuint ImportCounts();

    [RuntimeImport("*", "machine_measurement_begins")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportMeasurementBegins();

    [RuntimeImport("*", "machine_measurement_ends")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportMeasurementEnds();

    [RuntimeImport("*", "machine_measurement_reported")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void ImportMeasurementReported();
}
#endif
