// The machines on which every guest test must pass: per format the plainest processor that boots it, and the richest, in a PC; and the plainest
// again in the machine whose firmware does the least before the boot entry.

using System;
using System.Collections.Generic;
using Ringfence.Emulation;

namespace Ringfence.Guest.Tests;

/// <summary>A format on a processor model in a machine.</summary>
/// <param name="Name">The name in test names.</param>
/// <param name="Format">The image's format.</param>
/// <param name="Processor">The model, as QEMU takes it.</param>
/// <param name="Type">The machine around it.</param>
internal sealed record GuestMachine(string Name, GuestFormat Format, string Processor, MachineType Type)
{
    /// <summary>Far more than a run takes; a guest that hangs is ended then.</summary>
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromSeconds(240);

    /// <summary>All machines.</summary>
    public static IReadOnlyList<GuestMachine> All { get; } =
    [
        new("x86-64/qemu64", GuestFormat.X8664, "qemu64", MachineType.Pc),
        new("x86-64/max", GuestFormat.X8664, "max", MachineType.Pc),
        new("pae/qemu32", GuestFormat.Pae, "qemu32,+nx,+pae", MachineType.Pc),
        new("pae/max", GuestFormat.Pae, "max", MachineType.Pc),
        new("ia32/qemu32", GuestFormat.Ia32, "qemu32", MachineType.Pc),
        new("ia32/max", GuestFormat.Ia32, "max", MachineType.Pc),
        new("x86-64/microvm", GuestFormat.X8664, "qemu64", MachineType.MicroVm),
        new("pae/microvm", GuestFormat.Pae, "qemu32,+nx,+pae", MachineType.MicroVm),
        new("ia32/microvm", GuestFormat.Ia32, "qemu32", MachineType.MicroVm),
    ];

    /// <summary>This machine with an image in it.</summary>
    public QemuOptions With(ImageFiles image) => new()
    {
        ImagePath = image.Image,
        Format = Format,
        Machine = Type,
        Processor = Processor,
        TimeLimit = s_timeLimit,

        // A second serial port, connected to nothing: the tests loop it back.
        ExtraArguments = ["-chardev", "null,id=second", "-device", "isa-serial,chardev=second,index=1"],
    };
}
