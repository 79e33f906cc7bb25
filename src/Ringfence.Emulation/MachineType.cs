// The machines of QEMU that images are booted on: two PCs and one without most of what makes a PC.

using System.Collections.Generic;

namespace Ringfence.Emulation;

/// <summary>A kind of machine.</summary>
public sealed class MachineType
{
    private MachineType(string name, string argument)
    {
        Name = name;
        Argument = argument;
    }

    /// <summary>A PC of 1996, with SeaBIOS and a PCI bus.</summary>
    public static MachineType Pc { get; } = new("pc", "pc");

    /// <summary>A PC of 2009, with SeaBIOS and PCI Express.</summary>
    public static MachineType Q35 { get; } = new("q35", "q35");

    /// <summary>
    /// A machine for virtual guests, with a minimal firmware and no PCI bus. On are what the kernel drives (interrupt controllers, timer, serial
    /// port); off are the clock and the tables that it doesn't read.
    /// </summary>
    public static MachineType MicroVm { get; } = new("microvm", "microvm,pic=on,pit=on,isa-serial=on,rtc=off,acpi=off");

    /// <summary>Every type; the first is the default.</summary>
    public static IReadOnlyList<MachineType> All { get; } = [Pc, Q35, MicroVm];

    /// <summary>The name on the command line, which is QEMU's.</summary>
    public string Name { get; }

    /// <summary>What QEMU's <c>-machine</c> takes.</summary>
    internal string Argument { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
