// The processor's state as a whole: to be copied, and to be compared.

using System;

namespace Ringfence.Simulator;

public sealed partial class AdversarialCache
{
    /// <summary>A processor in the same state on a copy of the memory, independent from now on.</summary>
    public AdversarialCache Clone() =>
        new(Memory.Clone(), Geometry, Settings, _held.Clone(), [.. _frameUses])
        {
            Cr3 = Cr3,
            ProcessContext = ProcessContext,
            _roots = [.. _roots],
        };

    /// <summary>Everything on which the processor's further behaviour depends.</summary>
    public CacheState State()
    {
        Span<ulong> registers = stackalloc ulong[2 + _roots.Length];
        registers[0] = Cr3;
        registers[1] = (ulong)ProcessContext;
        for (int index = 0; index < _roots.Length; index++)
        {
            registers[2 + index] = _roots[index].Target;
        }

        return new CacheState(Memory.Bytes, registers, ControlBits(Settings), _held.ToSortedArray());
    }

    private static int ControlBits(ProcessorSettings settings) =>
        (settings.WriteProtect ? 1 : 0)
        | (settings.NoExecuteEnable ? 2 : 0)
        | (settings.PageSizeExtensions ? 4 : 0)
        | (settings.PageGlobalEnable ? 8 : 0)
        | (settings.ProcessContextIdentifiersEnable ? 16 : 0)
        | (settings.SupervisorExecutionPrevention ? 32 : 0)
        | (settings.SupervisorAccessPrevention ? 64 : 0);
}
