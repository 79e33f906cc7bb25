// A booted ModbusServer: its console, its line, and waiting for what it says.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Xunit;

namespace Ringfence.Modbus.Tests.Conversation;

/// <summary>A running server. Disposal ends it.</summary>
internal sealed class ModbusServerMachine : IAsyncDisposable
{
    /// <summary>The number by which the server is called.</summary>
    public const byte Unit = 1;

    /// <summary>Far more than anything takes here, on a host with other things to do: what takes longer has failed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_timeLimit = TimeSpan.FromSeconds(600);

    private readonly QemuMachine _emulator;
    private readonly List<string> _console = [];
    private readonly SemaphoreSlim _news = new(0);
    private readonly Task _reading;

    private ModbusServerMachine(QemuMachine emulator)
    {
        _emulator = emulator;
        _reading = ReadConsoleAsync();
    }

    /// <summary>The checkout that this was built from.</summary>
    public static string RepositoryRoot { get; } = typeof(ModbusServerMachine).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>Everything that the server said so far, one line after the other.</summary>
    public string Console
    {
        get
        {
            lock (_console)
            {
                return string.Join('\n', _console);
            }
        }
    }

    /// <summary>The server's image.</summary>
    public static ImageFiles Image(GuestFormat format) => ImageFiles.Locate(RepositoryRoot, "ModbusServer", new ImageVariant(format));

    /// <summary>Boots the server and waits until it serves.</summary>
    /// <remarks>
    /// Not under QEMU's -icount: there a guest that is busy gets timer interrupts without the loop that brings bytes, and an idle guest's time jumps by as much as the host was
    /// late. Without it both come from one loop, and interrupts that pile up while the guest or the loop stands still become one: guest time, in ticks, stands still with it.
    /// </remarks>
    public static async Task<ModbusServerMachine> BootAsync(GuestFormat format, SerialConnection line, MachineType? type = null)
    {
        var machine = new ModbusServerMachine(QemuMachine.Start(new()
        {
            ImagePath = Image(format).Image,
            Format = format,
            Machine = type ?? MachineType.Pc,
            TimeLimit = s_timeLimit,
            SecondSerialPort = line,
        }));
        await machine.WaitForLivesAsync(1);
        return machine;
    }

    /// <summary>The device that leads to a server on a pseudo-terminal.</summary>
    public Task<string> OpenDeviceAsync() => _emulator.OpenPseudoTerminalAsync(TestContext.Current.CancellationToken);

    /// <summary>Waits until the frame component has been started so many times.</summary>
    public async Task WaitForLivesAsync(int count)
    {
        while (CountLines("Frame: serves unit 1 ") < count)
        {
            bool isOver = !await _news.WaitAsync(Patience, TestContext.Current.CancellationToken) || _reading.IsCompleted;
            Assert.False(isOver && CountLines("Frame: serves unit 1 ") < count, $"the frame component was not started {count} times. The console:\n{Console}");
        }
    }

    /// <summary>How many lines begin so.</summary>
    public int CountLines(string beginning)
    {
        lock (_console)
        {
            return _console.Count(line => line.StartsWith(beginning, StringComparison.Ordinal));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _emulator.DisposeAsync();
        await _reading;
        _news.Dispose();
    }

    private async Task ReadConsoleAsync()
    {
        await foreach (string line in _emulator.ReadLinesAsync(CancellationToken.None))
        {
            lock (_console)
            {
                _console.Add(line);
            }

            _news.Release();
        }

        _news.Release();
    }
}
