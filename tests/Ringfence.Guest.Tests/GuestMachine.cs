// The machines on which every guest test must pass: per format the plainest processor that boots it, and the richest, in a PC, under each strategy; and the
// plainest again in the machine whose firmware does the least before the boot entry.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Emulation;

namespace Ringfence.Guest.Tests;

/// <summary>An image on a processor model in a machine.</summary>
/// <param name="Name">The name in test names.</param>
/// <param name="Variant">The image's format and strategy.</param>
/// <param name="Processor">The model, as QEMU takes it.</param>
/// <param name="Type">The machine around it.</param>
internal sealed record GuestMachine(string Name, ImageVariant Variant, string Processor, MachineType Type)
{
    /// <summary>Far more than a run takes; a guest that hangs is ended then.</summary>
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromSeconds(480);

    /// <summary>All machines.</summary>
    public static IReadOnlyList<GuestMachine> All { get; } =
    [
        Common("x86-64/qemu64", GuestFormat.X8664, "qemu64", MachineType.Pc),
        Common("x86-64/max", GuestFormat.X8664, "max", MachineType.Pc),
        Common("pae/qemu32", GuestFormat.Pae, "qemu32,+nx,+pae", MachineType.Pc),
        Common("pae/max", GuestFormat.Pae, "max", MachineType.Pc),
        Common("ia32/qemu32", GuestFormat.Ia32, "qemu32", MachineType.Pc),
        Common("ia32/max", GuestFormat.Ia32, "max", MachineType.Pc),
        Common("x86-64/microvm", GuestFormat.X8664, "qemu64", MachineType.MicroVm),
        Common("pae/microvm", GuestFormat.Pae, "qemu32,+nx,+pae", MachineType.MicroVm),
        Common("ia32/microvm", GuestFormat.Ia32, "qemu32", MachineType.MicroVm),
        .. BootableImages.SeparateTables.SelectMany(InPcs),
        .. BootableImages.SharedTables.Select(static variant => InPcs(variant).First()),
        .. BootableImages.WithDomainStacks.Select(static variant => InPcs(variant).First()),
    ];

    /// <summary>Those for which the samples are built too.</summary>
    public static IEnumerable<GuestMachine> OfSamples => All.Where(static machine => !machine.Variant.HasDomainStacks && !BootableImages.SharedTables.Contains(machine.Variant));

    /// <summary>The image's format.</summary>
    public GuestFormat Format => Variant.Format;

    /// <summary>How the console words the error code of a write to a page on which user mode has no right: without the kernel in its tables, the page isn't in them either.</summary>
    public string DeniedWrite => Variant.HasKpti ? "error code 0x6 (user write, page not present)" : "error code 0x7 (user write, page present)";

    /// <summary>The same of a read.</summary>
    public string DeniedRead => Variant.HasKpti ? "error code 0x4 (user read, page not present)" : "error code 0x5 (user read, page present)";

    /// <summary>What the console says denied either.</summary>
    public string Denial => $"fault   denied by {(Variant.HasKpti ? "P" : "U/S")} of the entry at level 0";

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

    private static GuestMachine Common(string name, GuestFormat format, string processor, MachineType type) => new(name, new(format), processor, type);

    // The same processors as above; the machine around them plays no part in what differs.
    private static IEnumerable<GuestMachine> InPcs(ImageVariant variant)
    {
        string plainest = variant.Format == GuestFormat.X8664 ? "qemu64" : "qemu32";
        string features = variant.Format == GuestFormat.Pae ? ",+nx,+pae" : string.Empty;
        yield return new($"{variant.Format.Name}/{plainest}/{variant.StrategyTitle}", variant, plainest + features, MachineType.Pc);
        yield return new($"{variant.Format.Name}/max/{variant.StrategyTitle}", variant, "max", MachineType.Pc);
    }
}
