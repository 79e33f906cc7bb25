namespace Ringfence.Machine;

/// <summary>Ends an emulated machine with a status (QEMU's isa-debug-exit). On a machine without the device the processor halts.</summary>
public static class DebugExit
{
    private const ushort Port = 0xF4;

    /// <summary>Ends the machine. QEMU's own exit status is 2 n + 1; the <c>ringfence</c> command turns it back.</summary>
    public static void Exit(int status)
    {
        Processor.WritePort32(Port, (uint)status);
        Processor.HaltForever();
    }
}
