// Where a serial port of the guest leads on the host.

using System;

namespace Ringfence.Emulation;

/// <summary>The other end of a serial port: nothing, a pseudo-terminal or a socket.</summary>
public sealed class SerialConnection
{
    /// <summary>The name of the connection in the emulator.</summary>
    internal const string Label = "line";

    private SerialConnection(string? backend) => Backend = backend;

    /// <summary>The guest has no such port.</summary>
    public static SerialConnection None { get; } = new(null);

    /// <summary>A pseudo-terminal of the host, for programs that want a serial device; <see cref="QemuMachine.OpenPseudoTerminalAsync"/> gives its name.</summary>
    public static SerialConnection PseudoTerminal { get; } = new("pty");

    /// <summary>The backend as QEMU's <c>-chardev</c> takes it.</summary>
    internal string? Backend { get; }

    /// <summary>A Unix socket at which the emulator listens, for one client after the other.</summary>
    /// <param name="path">Its path: at most 107 bytes.</param>
    public static SerialConnection UnixSocket(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);

        // QEMU takes options apart at commas; a doubled one is a comma.
        return new($"socket,path={path.Replace(",", ",,", StringComparison.Ordinal)},server=on,wait=off");
    }
}
