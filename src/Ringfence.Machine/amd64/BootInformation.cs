// PVH: the structure hvm_start_info of the x86/HVM direct boot ABI.

using System.Runtime.InteropServices;

namespace Ringfence.Machine;

/// <summary>What the loader says about the machine.</summary>
public static unsafe class BootInformation
{
    private const uint Magic = 0x336EC578;
    private const uint TypeUsable = 1;

    /// <summary>Reads the memory map. False if the structure isn't one, or is of version 0, which has no map.</summary>
    public static bool TryReadMemoryMap(nuint bootInformation, out BootMemoryMap map)
    {
        map = default;
        StartInformation* information = (StartInformation*)bootInformation;
        if (information->Magic != Magic || information->Version < 1)
        {
            return false;
        }

        MapEntry* entries = (MapEntry*)information->MemoryMap;
        for (uint index = 0; index < information->MemoryMapEntryCount; index++)
        {
            if (entries[index].Type == TypeUsable)
            {
                map.Add(entries[index].Start, entries[index].ByteCount);
            }
        }

        return true;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct StartInformation
    {
        public uint Magic;
        public uint Version;
        public uint Flags;
        public uint ModuleCount;
        public ulong Modules;
        public ulong CommandLine;
        public ulong RootSystemDescription;
        public ulong MemoryMap;
        public uint MemoryMapEntryCount;
        public uint Reserved;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MapEntry
    {
        public ulong Start;
        public ulong ByteCount;
        public uint Type;
        public uint Reserved;
    }
}
