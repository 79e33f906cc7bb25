// The control bits of a state, in the processor's registers. Each is written only when it changes: most emulators drop all translations then.

using Ringfence.Machine;
using Ringfence.Simulator.Prediction;

namespace Ringfence.AccessMatrix.Supervisor;

/// <summary>Puts conditions into force. EFLAGS.AC is the probe's own.</summary>
internal static class ControlRegisters
{
    private const nuint WriteProtect = 1u << 16;                   // CR0
    private const nuint PageSizeExtensions = 1u << 4;              // CR4
    private const nuint SupervisorExecutionPrevention = 1u << 20;  // CR4
    private const nuint SupervisorAccessPrevention = 1u << 21;     // CR4
    private const uint ExtendedFeatures = 0xC0000080;              // IA32_EFER
    private const ulong NoExecuteEnable = 1u << 11;

    private static nuint s_control0;
    private static nuint s_control4;
    private static ulong s_extendedFeatures;
    private static nuint s_kernelControl0;
    private static nuint s_kernelControl4;
    private static ulong s_kernelExtendedFeatures;

    /// <summary>The conditions that this processor can be set to.</summary>
    public static Conditions Supported
    {
        get
        {
            ProcessorFeatures features = ProcessorFeatures.Detect();
            return Conditions.WriteProtect | Conditions.NoExecuteEnable | Conditions.PageSizeExtensions
                | (features.HasSupervisorExecutionPrevention ? Conditions.SupervisorExecutionPrevention : 0)
                | (features.HasSupervisorAccessPrevention ? Conditions.SupervisorAccessPrevention | Conditions.AlignmentCheckFlag : 0);
        }
    }

    /// <summary>Remembers what the kernel runs under.</summary>
    public static void Open()
    {
        s_control0 = s_kernelControl0 = Processor.ReadControl0();
        s_control4 = s_kernelControl4 = Processor.ReadControl4();
        s_extendedFeatures = s_kernelExtendedFeatures = Processor.ReadModelRegister(ExtendedFeatures);
    }

    /// <summary>Goes back to it.</summary>
    public static void Close() => Set(s_kernelControl0, s_kernelControl4, s_kernelExtendedFeatures);

    /// <summary>Puts the conditions of a state into force.</summary>
    public static void Set(Conditions conditions)
    {
        nuint control4 = s_kernelControl4 & ~(SupervisorExecutionPrevention | SupervisorAccessPrevention | PageSizeExtensions);
        control4 |= Has(conditions, Conditions.SupervisorExecutionPrevention) ? SupervisorExecutionPrevention : 0;
        control4 |= Has(conditions, Conditions.SupervisorAccessPrevention) ? SupervisorAccessPrevention : 0;
        control4 |= Has(conditions, Conditions.PageSizeExtensions) ? PageSizeExtensions : 0;
        Set(
            (s_kernelControl0 & ~WriteProtect) | (Has(conditions, Conditions.WriteProtect) ? WriteProtect : 0),
            control4,
            (s_kernelExtendedFeatures & ~NoExecuteEnable) | (Has(conditions, Conditions.NoExecuteEnable) ? NoExecuteEnable : 0));
    }

    private static bool Has(Conditions conditions, Conditions condition) => (conditions & condition) != 0;

    private static void Set(nuint control0, nuint control4, ulong extendedFeatures)
    {
        if (extendedFeatures != s_extendedFeatures)
        {
            s_extendedFeatures = extendedFeatures;
            Processor.WriteModelRegister(ExtendedFeatures, extendedFeatures);
        }

        if (control0 != s_control0)
        {
            s_control0 = control0;
            Processor.WriteControl0(control0);
        }

        if (control4 != s_control4)
        {
            s_control4 = control4;
            Processor.WriteControl4(control4);
        }
    }
}
