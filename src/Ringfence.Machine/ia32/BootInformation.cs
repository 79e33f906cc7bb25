// Multiboot 1: the information structure (Multiboot specification 0.6.96, 3.3).

namespace Ringfence.Machine;

/// <summary>What the loader says about the machine.</summary>
public static unsafe class BootInformation
{
    private const uint FlagMemory = 1 << 0;
    private const uint FlagMemoryMap = 1 << 6;
    private const uint TypeUsable = 1;

    /// <summary>Reads the memory map, or the two older size fields where there is none. False if the loader gives neither.</summary>
    public static bool TryReadMemoryMap(nuint bootInformation, out BootMemoryMap map)
    {
        map = default;
        uint* information = (uint*)bootInformation;
        uint flags = information[0];
        if ((flags & FlagMemoryMap) != 0)
        {
            nuint position = information[12];
            nuint end = position + information[11];
            while (position < end)
            {
                // size (not counting itself), 64-bit start, 64-bit length, type
                uint* entry = (uint*)position;
                if (entry[5] == TypeUsable)
                {
                    map.Add(((ulong)entry[2] << 32) | entry[1], ((ulong)entry[4] << 32) | entry[3]);
                }

                position += entry[0] + sizeof(uint);
            }

            return true;
        }

        if ((flags & FlagMemory) != 0)
        {
            map.Add(0, (ulong)information[1] * 1024);
            map.Add(0x100000, (ulong)information[2] * 1024);
            return true;
        }

        return false;
    }
}
