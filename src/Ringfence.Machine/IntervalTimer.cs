namespace Ringfence.Machine;

/// <summary>Channel 0 of the 8254 timer: the source of ticks.</summary>
public static class IntervalTimer
{
    /// <summary>Interrupt line of the timer.</summary>
    public const int Line = 0;

    private const uint InputFrequencyHertz = 1_193_182;

    /// <summary>Starts periodic interrupts. <paramref name="frequencyHertz"/> is 19 to 1,193,182: the divisor has 16 bits.</summary>
    public static void Start(uint frequencyHertz)
    {
        uint divisor = InputFrequencyHertz / frequencyHertz;
        Processor.WritePort8(0x43, 0x34); // channel 0, low then high byte, mode 2
        Processor.WritePort8(0x40, (byte)divisor);
        Processor.WritePort8(0x40, (byte)(divisor >> 8));
    }
}
