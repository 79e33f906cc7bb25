// What a machine to boot is made of, and the QEMU command line that this means.

using System;
using System.Collections.Generic;
using System.Globalization;

namespace Ringfence.Emulation;

/// <summary>A machine to start.</summary>
public sealed record QemuOptions
{
    /// <summary>Default size of the guest's memory in MiB: what a small machine has, so that growth shows.</summary>
    public const int DefaultMemoryMiB = 4;

    /// <summary>Port at which GDB is served.</summary>
    public const int DebuggerPort = 1234;

    /// <summary>The bootable file.</summary>
    public required string ImagePath { get; init; }

    /// <summary>The image's paging format; it decides the emulator and the default processor.</summary>
    public required GuestFormat Format { get; init; }

    /// <summary>The machine around the processor.</summary>
    public MachineType Machine { get; init; } = MachineType.Pc;

    /// <summary>Processor model as QEMU's <c>-cpu</c> takes it; null for the format's default.</summary>
    public string? Processor { get; init; }

    /// <summary>Guest memory in MiB, 1 or more.</summary>
    public int MemoryMiB { get; init; } = DefaultMemoryMiB;

    /// <summary>When to end the emulator; null for never.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>How many console bytes end the run, so that a guest gone wild cannot fill the host's memory.</summary>
    public long ConsoleLimitBytes { get; init; } = 64 << 20;

    /// <summary>Whether to serve GDB at <see cref="DebuggerPort"/> of this host and wait for it before the first instruction.</summary>
    public bool WaitForDebugger { get; init; }

    /// <summary>Whether to open a control socket for <see cref="QemuMachine.ConnectControlAsync"/>.</summary>
    public bool ControlSocket { get; init; }

    /// <summary>Whether to open a debugger's socket for <see cref="QemuMachine.ConnectDebuggerAsync"/> and wait for it before the first instruction. It excludes <see cref="WaitForDebugger"/>.</summary>
    public bool DebuggerSocket { get; init; }

    /// <summary>Where the guest's second serial port leads. A pseudo-terminal brings a control socket along.</summary>
    public SerialConnection SecondSerialPort { get; init; } = SerialConnection.None;

    /// <summary>Further QEMU arguments, after all others.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];

    /// <summary>The emulator's arguments.</summary>
    /// <param name="controlSocketPath">Path of the control socket, or null for none.</param>
    /// <param name="debuggerSocketPath">Path of the debugger's socket, or null for none.</param>
    public IReadOnlyList<string> BuildArguments(string? controlSocketPath, string? debuggerSocketPath = null)
    {
        List<string> arguments =
        [
            // Nothing from the host's configuration and no default device: the machine is exactly what is said here.
            "-no-user-config", "-nodefaults",
            "-machine", Machine.Argument, "-accel", "tcg",
            "-cpu", Processor ?? Format.DefaultProcessor,
            "-m", MemoryMiB.ToString(CultureInfo.InvariantCulture),
            "-display", "none",
            "-serial", "stdio",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
            // A triple fault resets the machine; ending instead shows it, and shows it once.
            "-no-reboot",
            "-kernel", ImagePath,
        ];
        if (WaitForDebugger)
        {
            arguments.AddRange(["-S", "-gdb", string.Create(CultureInfo.InvariantCulture, $"tcp:127.0.0.1:{DebuggerPort}")]);
        }

        if (debuggerSocketPath is not null)
        {
            arguments.AddRange(["-S", "-gdb", $"unix:{debuggerSocketPath},server=on,wait=off"]);
        }

        if (SecondSerialPort.Backend is { } backend)
        {
            // As a device: of a second -serial a microvm makes no port.
            arguments.AddRange(["-chardev", $"{backend},id={SerialConnection.Label}", "-device", $"isa-serial,chardev={SerialConnection.Label},index=1"]);
        }

        if (controlSocketPath is not null)
        {
            arguments.AddRange(["-qmp", $"unix:{controlSocketPath},server=on,wait=off"]);
        }

        arguments.AddRange(ExtraArguments);
        return arguments;
    }
}
