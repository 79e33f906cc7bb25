// The pair of 8259 controllers of a PC. The kernel uses the timer's line alone so far.

namespace Ringfence.Machine;

/// <summary>8259A interrupt controllers, cascaded; vectors 32 to 47.</summary>
public static class InterruptController
{
    /// <summary>Vector of interrupt line 0, the timer.</summary>
    public const int FirstVector = 32;

    /// <summary>Number of lines and so of vectors.</summary>
    public const int LineCount = 16;

    private const ushort FirstCommand = 0x20;
    private const ushort FirstData = 0x21;
    private const ushort SecondCommand = 0xA0;
    private const ushort SecondData = 0xA1;
    private const byte EndOfInterrupt = 0x20;
    private const byte ReadInService = 0x0B;

    /// <summary>Moves the lines away from the exception vectors, where the PC's firmware leaves them, and masks all of them.</summary>
    public static void Initialize()
    {
        Processor.WritePort8(FirstCommand, 0x11);
        Processor.WritePort8(SecondCommand, 0x11);
        Processor.WritePort8(FirstData, FirstVector);
        Processor.WritePort8(SecondData, FirstVector + 8);
        Processor.WritePort8(FirstData, 4); // the second controller hangs on line 2
        Processor.WritePort8(SecondData, 2);
        Processor.WritePort8(FirstData, 1);
        Processor.WritePort8(SecondData, 1);
        Processor.WritePort8(FirstData, 0xFF);
        Processor.WritePort8(SecondData, 0xFF);
    }

    /// <summary>Lets line 0 to 7 through.</summary>
    public static void Unmask(int line) =>
        Processor.WritePort8(FirstData, (byte)(Processor.ReadPort8(FirstData) & ~(1 << line)));

    /// <summary>
    /// Acknowledges an interrupt. Returns false for a spurious one (lines 7 and 15 without their in-service bit), which was none.
    /// </summary>
    public static bool Acknowledge(int vector)
    {
        int line = vector - FirstVector;
        if (line == 7 && (InService(FirstCommand) & 0x80) == 0)
        {
            return false;
        }

        if (line >= 8)
        {
            if (line == 15 && (InService(SecondCommand) & 0x80) == 0)
            {
                Processor.WritePort8(FirstCommand, EndOfInterrupt); // the cascade line itself was real
                return false;
            }

            Processor.WritePort8(SecondCommand, EndOfInterrupt);
        }

        Processor.WritePort8(FirstCommand, EndOfInterrupt);
        return true;
    }

    private static byte InService(ushort command)
    {
        Processor.WritePort8(command, ReadInService);
        return Processor.ReadPort8(command);
    }
}
