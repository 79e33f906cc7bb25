// The emulator's debugger interface (the GDB remote serial protocol), as far as a test stops a machine at chosen instructions.

using System;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;

namespace Ringfence.Guest.Tests;

/// <summary>A connection to the debugger socket of an emulator. The machine stands still from the connection on.</summary>
internal sealed class GdbClient : IAsyncDisposable
{
    private const byte Interrupt = 3;
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[8192];
    private int _start;
    private int _end;

    private GdbClient(Socket socket) => _socket = socket;

    /// <summary>Connects.</summary>
    /// <exception cref="SocketException">Nobody answers at the path.</exception>
    public static async Task<GdbClient> ConnectAsync(string socketPath, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
        var client = new GdbClient(socket);

        // The emulator stops the machine for a debugger, and says so unasked.
        await client.ReceiveAsync(cancellationToken);
        return client;
    }

    /// <summary>Makes the machine stop before the instruction at an address. No instruction need begin there.</summary>
    public Task SetBreakpointAsync(ulong address, CancellationToken cancellationToken) => ExpectOkAsync($"Z0,{address:x},1", cancellationToken);

    /// <summary>Takes a breakpoint back.</summary>
    public Task RemoveBreakpointAsync(ulong address, CancellationToken cancellationToken) => ExpectOkAsync($"z0,{address:x},1", cancellationToken);

    /// <summary>Lets the machine run.</summary>
    public Task ContinueAsync(CancellationToken cancellationToken) => SendAsync("c", cancellationToken);

    /// <summary>Waits until the running machine stops. False after <paramref name="patience"/>: it runs still.</summary>
    public async Task<bool> WaitForStopAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            await ReceiveAsync(limit.Token);
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
        await _socket.SendAsync(new[] { Interrupt }, cancellationToken);
        await ReceiveAsync(cancellationToken);
    }

    /// <summary>Leaves the machine, which runs on.</summary>
    public Task DetachAsync(CancellationToken cancellationToken) => ExpectOkAsync("D", cancellationToken);

    /// <summary>All registers of the machine, which stands still: the general ones, the instruction pointer, flags and segments, the control registers, x87 and SSE.</summary>
    public async Task<MachineRegisters> ReadRegistersAsync(CancellationToken cancellationToken) => new(await ExecuteAsync("g", cancellationToken));

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ExpectOkAsync(string command, CancellationToken cancellationToken)
    {
        string answer = await ExecuteAsync(command, cancellationToken);
        if (answer != "OK")
        {
            throw new EmulatorException($"the emulator's debugger interface answers '{answer}' to '{command}'");
        }
    }

    private async Task<string> ExecuteAsync(string command, CancellationToken cancellationToken)
    {
        await SendAsync(command, cancellationToken);
        return await ReceiveAsync(cancellationToken);
    }

    private async Task SendAsync(string command, CancellationToken cancellationToken)
    {
        int sum = 0;
        foreach (char letter in command)
        {
            sum = (sum + letter) & 0xFF;
        }

        await _socket.SendAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"${command}#{sum:x2}")), cancellationToken);
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
                await _socket.SendAsync("+"u8.ToArray(), cancellationToken);
                return text;
            }

            if (_start > 0)
            {
                Array.Copy(_buffer, _start, _buffer, 0, _end - _start);
                _end -= _start;
                _start = 0;
            }

            int count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
            _end += count != 0 ? count : throw new EmulatorException("the emulator closed its debugger interface");
        }
    }
}
