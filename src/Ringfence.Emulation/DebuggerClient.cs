// A running guest from a debugger's side, over GDB's remote protocol: registers, memory, breakpoints, single instructions. For tools that measure an image as it is.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Ringfence.Emulation;

/// <summary>A connection to an emulator's debugger socket. The guest stands still but in <see cref="Continue"/> and <see cref="Step"/>. Every call fails with <see cref="EmulatorException"/> when the emulator goes away or refuses.</summary>
public sealed class DebuggerClient : IDisposable
{
    // QEMU's packets have 4096 digits.
    private const int MaximumBlockBytes = 2000;

    private readonly Socket _socket;
    private readonly byte[] _received = new byte[16 * 1024];
    private int _receivedStart;
    private int _receivedEnd;

    private DebuggerClient(Socket socket) => _socket = socket;

    /// <summary>Connects.</summary>
    /// <exception cref="EmulatorException">Nobody answers at <paramref name="socketPath"/>.</exception>
    public static DebuggerClient Connect(string socketPath)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new EmulatorException($"no emulator answers at {socketPath}: {failure.Message}", failure);
        }

        return new DebuggerClient(socket);
    }

    /// <summary>All registers, as the emulator lays them out.</summary>
    public byte[] ReadRegisters() => Bytes(Execute("g"));

    /// <summary>Replaces all registers.</summary>
    public void WriteRegisters(ReadOnlySpan<byte> registers) => ExecuteSimple("G" + Convert.ToHexStringLower(registers));

    /// <summary>Bytes at virtual addresses, as the guest's page tables map them now.</summary>
    public byte[] ReadMemory(ulong address, int byteCount)
    {
        List<byte> bytes = new(byteCount);
        while (bytes.Count < byteCount)
        {
            int count = Math.Min(MaximumBlockBytes, byteCount - bytes.Count);
            byte[] block = Bytes(Execute(string.Create(CultureInfo.InvariantCulture, $"m{address + (ulong)bytes.Count:x},{count:x}")));
            if (block.Length != count)
            {
                throw new EmulatorException($"the emulator gave {block.Length} bytes of memory instead of {count}");
            }

            bytes.AddRange(block);
        }

        return [.. bytes];
    }

    /// <summary>Lets the guest run until it is about to execute the instruction at one of the addresses.</summary>
    public void Continue(params ReadOnlySpan<ulong> stopAddresses)
    {
        foreach (ulong address in stopAddresses)
        {
            ExecuteSimple(string.Create(CultureInfo.InvariantCulture, $"Z1,{address:x},1"));
        }

        ExpectStop(Execute("c"));

        // Taken away again, because a step from a breakpoint would go nowhere.
        foreach (ulong address in stopAddresses)
        {
            ExecuteSimple(string.Create(CultureInfo.InvariantCulture, $"z1,{address:x},1"));
        }
    }

    /// <summary>Executes one instruction: of a repeated one, one repetition. No interrupt is taken.</summary>
    public void Step() => ExpectStop(Execute("s"));

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static void ExpectStop(string reply)
    {
        // 05 is SIGTRAP; W and X say that the process is gone.
        if (!reply.StartsWith("T05", StringComparison.Ordinal) && reply != "S05")
        {
            throw new EmulatorException($"the guest stopped for another reason than a breakpoint: '{reply}'");
        }
    }

    private void ExecuteSimple(string command)
    {
        string reply = Execute(command);
        if (reply != "OK")
        {
            throw new EmulatorException($"the emulator refused the debugger's command '{command[..1]}': '{reply}'");
        }
    }

    private string Execute(string command)
    {
        int sum = 0;
        foreach (char letter in command)
        {
            sum += letter;
        }

        try
        {
            // The plus acknowledges the reply before.
            _socket.Send(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"+${command}#{(byte)sum:x2}")));
            return ReadPacket();
        }
        catch (SocketException failure)
        {
            throw new EmulatorException($"the emulator went away: {failure.Message}", failure);
        }
    }

    // $ text # two digits; what stands before the dollar sign are acknowledgements. The connection is a local socket: nothing gets lost, and the sum is not checked.
    private string ReadPacket()
    {
        while (ReadByte() != '$')
        {
        }

        StringBuilder text = new();
        for (byte letter; (letter = ReadByte()) != '#';)
        {
            text.Append((char)letter);
        }

        _ = ReadByte();
        _ = ReadByte();
        return text.ToString();
    }

    private byte ReadByte()
    {
        if (_receivedStart == _receivedEnd)
        {
            _receivedStart = 0;
            _receivedEnd = _socket.Receive(_received);
            if (_receivedEnd == 0)
            {
                throw new EmulatorException("the emulator went away");
            }
        }

        return _received[_receivedStart++];
    }

    private static byte[] Bytes(string hexadecimal)
    {
        try
        {
            return Convert.FromHexString(hexadecimal);
        }
        catch (FormatException failure)
        {
            // An error is E and a number.
            throw new EmulatorException($"the emulator refused a debugger's command: '{hexadecimal}'", failure);
        }
    }
}
