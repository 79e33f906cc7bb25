// The emulator's debugger interface (the GDB remote serial protocol), as far as a machine is stopped at chosen instructions, looked at, and made to do something else.

using System;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Ringfence.Emulation;

/// <summary>A connection to the debugger socket of an emulator. The machine stands still from the connection on.</summary>
public sealed class GdbClient : IAsyncDisposable
{
    private const byte Interrupt = 3;

    // A packet of QEMU's has up to 4096 characters.
    private const int MaximumBlockBytes = 2000;

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[8192];
    private int _start;
    private int _end;
    private bool _owesAcknowledgement;

    private GdbClient(Socket socket) => _socket = socket;

    /// <summary>Connects.</summary>
    /// <param name="socketPath">Path of the socket.</param>
    /// <param name="isRunning">Whether the machine runs, and is not waiting for a debugger before its first instruction.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="EmulatorException">Nobody answers at the path.</exception>
    public static async Task<GdbClient> ConnectAsync(string socketPath, bool isRunning, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken).ConfigureAwait(false);
            var client = new GdbClient(socket);
            if (isRunning)
            {
                // The emulator stops the machine for a debugger, and says so unasked.
                await client.ReceiveAsync(cancellationToken).ConfigureAwait(false);
            }

            return client;
        }
        catch (Exception failure)
        {
            socket.Dispose();
            if (failure is SocketException)
            {
                throw new EmulatorException($"no emulator answers at {socketPath}: {failure.Message}", failure);
            }

            throw;
        }
    }

    /// <summary>Makes the machine stop before the instruction at an address. No instruction need begin there.</summary>
    public Task SetBreakpointAsync(ulong address, CancellationToken cancellationToken) => ExpectOkAsync($"Z0,{address:x},1", cancellationToken);

    /// <summary>Takes a breakpoint back.</summary>
    public Task RemoveBreakpointAsync(ulong address, CancellationToken cancellationToken) => ExpectOkAsync($"z0,{address:x},1", cancellationToken);

    /// <summary>Lets the machine run.</summary>
    public Task ContinueAsync(CancellationToken cancellationToken) => SendAsync("c", cancellationToken);

    /// <summary>Lets the machine run until it stops before the instruction at an address, at which no breakpoint is set.</summary>
    public async Task RunToAsync(ulong address, CancellationToken cancellationToken)
    {
        await SetBreakpointAsync(address, cancellationToken).ConfigureAwait(false);
        ExpectTrap(await ExecuteAsync("c", cancellationToken).ConfigureAwait(false));
        await RemoveBreakpointAsync(address, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Executes one instruction; of a repeated one, one repetition. No interrupt is taken. Now and then the emulator stops again before it has done anything.</summary>
    public async Task StepAsync(CancellationToken cancellationToken) => ExpectTrap(await ExecuteAsync("s", cancellationToken).ConfigureAwait(false));

    /// <summary>Waits until the running machine stops. False after <paramref name="patience"/>: it runs still.</summary>
    public async Task<bool> WaitForStopAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            await ReceiveAsync(limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Stops the running machine.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _socket.SendAsync(new[] { Interrupt }, cancellationToken).ConfigureAwait(false);
        await ReceiveAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Leaves the machine, which runs on.</summary>
    public Task DetachAsync(CancellationToken cancellationToken) => ExpectOkAsync("D", cancellationToken);

    /// <summary>All registers of the machine, which stands still: the general ones, the instruction pointer, flags and segments, the control registers, x87 and SSE.</summary>
    public async Task<MachineRegisters> ReadRegistersAsync(CancellationToken cancellationToken) => new(await ExecuteAsync("g", cancellationToken).ConfigureAwait(false));

    /// <summary>Replaces all registers of the machine, which stands still.</summary>
    public Task WriteRegistersAsync(MachineRegisters registers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(registers);
        return ExpectOkAsync("G" + registers.Digits, cancellationToken);
    }

    /// <summary>Memory of the machine, which stands still, at virtual addresses as its page tables have them now.</summary>
    public async Task<byte[]> ReadMemoryAsync(ulong address, int byteCount, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[byteCount];
        for (int offset = 0; offset < byteCount; offset += MaximumBlockBytes)
        {
            int count = Math.Min(MaximumBlockBytes, byteCount - offset);
            string digits = await ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"m{address + (ulong)offset:x},{count:x}"), cancellationToken).ConfigureAwait(false);
            if (digits.Length != 2 * count)
            {
                throw new EmulatorException($"the emulator's debugger interface can't read {count} bytes at 0x{address + (ulong)offset:x}: '{digits}'");
            }

            Convert.FromHexString(digits).CopyTo(bytes, offset);
        }

        return bytes;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ExpectOkAsync(string command, CancellationToken cancellationToken)
    {
        string answer = await ExecuteAsync(command, cancellationToken).ConfigureAwait(false);
        if (answer != "OK")
        {
            throw new EmulatorException($"the emulator's debugger interface answers '{answer}' to '{command}'");
        }
    }

    // 5 is SIGTRAP.
    private static void ExpectTrap(string answer)
    {
        if (!answer.StartsWith("T05", StringComparison.Ordinal))
        {
            throw new EmulatorException($"the machine stopped for another reason than a breakpoint: '{answer}'");
        }
    }

    private async Task<string> ExecuteAsync(string command, CancellationToken cancellationToken)
    {
        await SendAsync(command, cancellationToken).ConfigureAwait(false);
        return await ReceiveAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task SendAsync(string command, CancellationToken cancellationToken)
    {
        int sum = 0;
        foreach (char letter in command)
        {
            sum = (sum + letter) & 0xFF;
        }

        // One packet with the acknowledgement of the last answer: a measurement is many thousand of them.
        string acknowledgement = _owesAcknowledgement ? "+" : "";
        _owesAcknowledgement = false;
        byte[] packet = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{acknowledgement}${command}#{sum:x2}"));
        await GuardAsync(async () => await _socket.SendAsync(packet, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
    }

    // A packet is $text#sum; acknowledgements between packets are skipped.
    private async Task<string> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int begin = Array.IndexOf(_buffer, (byte)'$', _start, _end - _start);
            int end = begin < 0 ? -1 : Array.IndexOf(_buffer, (byte)'#', begin, _end - begin);
            if (end >= 0 && end + 2 < _end)
            {
                string text = Encoding.ASCII.GetString(_buffer, begin + 1, end - begin - 1);
                _start = end + 3;
                _owesAcknowledgement = true;
                return text;
            }

            if (_start > 0)
            {
                Array.Copy(_buffer, _start, _buffer, 0, _end - _start);
                _end -= _start;
                _start = 0;
            }

            int count = await GuardAsync(async () => await _socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            _end += count != 0 ? count : throw new EmulatorException("the emulator closed its debugger interface");
        }
    }

    private static async Task<int> GuardAsync(Func<Task<int>> exchange)
    {
        try
        {
            return await exchange().ConfigureAwait(false);
        }
        catch (SocketException failure)
        {
            throw new EmulatorException($"the emulator closed its debugger interface: {failure.Message}", failure);
        }
    }
}
