// What a machine under Bochs is made of, and the configuration file that this means.

using System;
using System.Globalization;

namespace Ringfence.Emulation;

/// <summary>A machine to start under Bochs: a PC whose firmware starts GRUB from a disc, which loads the image.</summary>
public sealed record BochsOptions
{
    /// <summary>The bootable file.</summary>
    public required string ImagePath { get; init; }

    /// <summary>The image's paging format; x86-64 images need a loader of their own, because GRUB knows no PVH.</summary>
    public required GuestFormat Format { get; init; }

    /// <summary>Processor model as Bochs names it (<c>bochs --help cpu</c>). The default has SMEP, SMAP, UMIP, execute-disable and 1 GiB pages.</summary>
    public string Processor { get; init; } = "tigerlake";

    /// <summary>Guest memory in MiB, 32 or more: GRUB and the loader of x86-64 images work above 16 MiB.</summary>
    public int MemoryMiB { get; init; } = 32;

    /// <summary>When to end the emulator.</summary>
    public required TimeSpan TimeLimit { get; init; }

    /// <summary>The configuration file.</summary>
    /// <param name="discPath">The disc with GRUB and the image.</param>
    /// <param name="logPath">Where the emulator's own messages go.</param>
    /// <param name="consolePort">TCP port of this host that the first serial port is connected to.</param>
    internal string BuildConfiguration(string discPath, string logPath, int consolePort) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        cpu: model={Processor}, count=1, ips=50000000
        memory: guest={MemoryMiB}, host={MemoryMiB}
        romimage: file=/usr/share/bochs/BIOS-bochs-latest
        vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
        ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
        ata0-master: type=cdrom, path={discPath}, status=inserted
        boot: cdrom
        com1: enabled=1, mode=socket-client, dev=127.0.0.1:{consolePort}
        display_library: term
        # Where there is no sound device it would end.
        plugin_ctrl: speaker=0
        sound: waveoutdrv=dummy
        # Time passes with the instructions executed, whatever the host's clock says.
        clock: sync=none
        log: {logPath}
        panic: action=fatal
        error: action=ignore
        info: action=ignore
        debug: action=ignore

        """);
}
