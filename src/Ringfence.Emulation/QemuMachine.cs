// One booted image: a QEMU process with its console, its time limit and its ending.

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using Microsoft.Win32.SafeHandles;

namespace Ringfence.Emulation;

/// <summary>A running guest. Disposal ends the emulator if the guest has not ended by itself.</summary>
public sealed class QemuMachine : IAsyncDisposable
{
    private static readonly TimeSpan s_controlRetry = TimeSpan.FromMilliseconds(10);

    private readonly QemuOptions _options;
    private readonly Process _process;
    private readonly DirectoryInfo? _controlFolder;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>(new() { SingleWriter = true });
    private readonly Timer? _timeLimit;
    private readonly Task<GuestExit> _ending;
    private SafeFileHandle? _pseudoTerminal;
    private long _announcementByteCount;
    private string _lastError = string.Empty;
    private int _forcedEnding = NotForced;

    private const string ControlSocket = "qmp";
    private const string DebuggerSocket = "gdb";
    private const int NotForced = -1;
    private const int KilledCode = 128 + 9;

    private QemuMachine(QemuOptions options, Process process, DirectoryInfo? controlFolder)
    {
        _options = options;
        _process = process;
        _controlFolder = controlFolder;
        _ending = FollowAsync();
        if (options.TimeLimit is { } limit)
        {
            _timeLimit = new(_ => End(GuestExitKind.TimedOut), null, limit, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Completes when the run has ended and all console lines have been delivered; never faults.</summary>
    public Task<GuestExit> Ending => _ending;

    /// <summary>Boots an image.</summary>
    /// <exception cref="EmulatorException">The image does not exist or the emulator's program cannot be started.</exception>
    public static QemuMachine Start(QemuOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!File.Exists(options.ImagePath))
        {
            throw new EmulatorException($"there is no image at {options.ImagePath}");
        }

        // A folder of its own: short enough for a socket's name (108 bytes), and nobody else can have made it.
        DirectoryInfo? controlFolder = IsControlled(options) || options.DebuggerSocket ? Directory.CreateTempSubdirectory("ringfence-") : null;
        IReadOnlyList<string> arguments = options.BuildArguments(
            IsControlled(options) ? SocketPath(controlFolder!, ControlSocket) : null, options.DebuggerSocket ? SocketPath(controlFolder!, DebuggerSocket) : null);
        var start = new ProcessStartInfo(options.Format.Emulator, arguments)
        {
            // Redirected input also keeps QEMU from switching the user's terminal to raw mode.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return new(options, Process.Start(start)!, controlFolder);
        }
        catch (Win32Exception failure)
        {
            controlFolder?.Delete(recursive: true);
            throw new EmulatorException($"cannot start {options.Format.Emulator}: {failure.Message}", failure);
        }
    }

    /// <summary>Boots an image and waits for its end.</summary>
    /// <param name="options">The machine.</param>
    /// <param name="onLine">Receives every console line as it is completed.</param>
    /// <param name="cancellationToken">Ends the emulator; the run then ends as <see cref="GuestExitKind.Stopped"/>.</param>
    /// <exception cref="EmulatorException">The emulator could not be started.</exception>
    public static async Task<GuestExit> RunAsync(QemuOptions options, Action<string> onLine, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(onLine);
        await using QemuMachine machine = Start(options);
        using CancellationTokenRegistration registration = cancellationToken.Register(machine.Stop);
        await foreach (string line in machine.ReadLinesAsync(CancellationToken.None).ConfigureAwait(false))
        {
            onLine(line);
        }

        return await machine.Ending.ConfigureAwait(false);
    }

    /// <summary>The console's lines from the first that nobody has read yet, until the run ends. One reader at a time.</summary>
    public IAsyncEnumerable<string> ReadLinesAsync(CancellationToken cancellationToken = default) =>
        _lines.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Ends the emulator now. Does nothing if the run has ended already.</summary>
    public void Stop() => End(GuestExitKind.Stopped);

    /// <summary>Connects to the control socket; <see cref="QemuOptions.ControlSocket"/> must have been set.</summary>
    /// <exception cref="InvalidOperationException">The machine has no control socket.</exception>
    /// <exception cref="EmulatorException">The emulator ended or did not answer.</exception>
    public async Task<QmpClient> ConnectControlAsync(CancellationToken cancellationToken = default)
    {
        string path = IsControlled(_options)
            ? SocketPath(_controlFolder!, ControlSocket)
            : throw new InvalidOperationException($"{nameof(QemuOptions)}.{nameof(QemuOptions.ControlSocket)} was not set.");

        // QEMU makes the socket a moment after it starts, and listens a moment after that.
        while (!_ending.IsCompleted)
        {
            try
            {
                return await QmpClient.ConnectAsync(path, cancellationToken).ConfigureAwait(false);
            }
            catch (EmulatorException)
            {
                await Task.Delay(s_controlRetry, cancellationToken).ConfigureAwait(false);
            }
        }

        throw new EmulatorException($"there is nothing to control: {await _ending.ConfigureAwait(false)}");
    }

    /// <summary>Connects to the debugger's socket; <see cref="QemuOptions.DebuggerSocket"/> must have been set. The guest stands before its first instruction.</summary>
    /// <exception cref="InvalidOperationException">The machine has no debugger's socket.</exception>
    /// <exception cref="EmulatorException">The emulator ended or did not answer.</exception>
    public async Task<GdbClient> ConnectDebuggerAsync(CancellationToken cancellationToken = default)
    {
        string path = _options.DebuggerSocket
            ? SocketPath(_controlFolder!, DebuggerSocket)
            : throw new InvalidOperationException($"{nameof(QemuOptions)}.{nameof(QemuOptions.DebuggerSocket)} was not set.");
        while (!_ending.IsCompleted)
        {
            try
            {
                return await GdbClient.ConnectAsync(path, isRunning: false, cancellationToken).ConfigureAwait(false);
            }
            catch (EmulatorException)
            {
                await Task.Delay(s_controlRetry, cancellationToken).ConfigureAwait(false);
            }
        }

        throw new EmulatorException($"there is nothing to debug: {await _ending.ConfigureAwait(false)}");
    }

    /// <summary>
    /// The device at which programs of the host reach the guest's second serial port; it must be a <see cref="SerialConnection.PseudoTerminal"/>. From now on it is
    /// held open: the emulator looks only once a second whether somebody has opened it, and what a program wrote before it closed it again would not be read.
    /// </summary>
    /// <exception cref="EmulatorException">The emulator ended or has no such device.</exception>
    public async Task<string> OpenPseudoTerminalAsync(CancellationToken cancellationToken = default)
    {
        const string Prefix = "pty:";
        JsonNode? devices;
        await using (QmpClient control = await ConnectControlAsync(cancellationToken).ConfigureAwait(false))
        {
            devices = await control.ExecuteAsync("query-chardev", cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        foreach (JsonNode? device in devices?.AsArray() ?? [])
        {
            string name = device?["filename"]?.GetValue<string>() ?? string.Empty;
            if (device?["label"]?.GetValue<string>() == SerialConnection.Label && name.StartsWith(Prefix, StringComparison.Ordinal))
            {
                string path = name[Prefix.Length..];
                try
                {
                    // For writing only, so that it can't become the controlling terminal of this process.
                    _pseudoTerminal = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                }
                catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
                {
                    throw new EmulatorException($"cannot open the pseudo-terminal {path}: {failure.Message}", failure);
                }

                return path;
            }
        }

        throw new EmulatorException("the emulator has no pseudo-terminal for the guest's second serial port");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Stop();
        await _ending.ConfigureAwait(false);
        _pseudoTerminal?.Dispose();
        if (_timeLimit is not null)
        {
            await _timeLimit.DisposeAsync().ConfigureAwait(false);
        }

        _process.Dispose();
        if (_controlFolder is { Exists: true })
        {
            _controlFolder.Delete(recursive: true);
        }
    }

    private static bool IsControlled(QemuOptions options) => options.ControlSocket || options.SecondSerialPort == SerialConnection.PseudoTerminal;

    private static string SocketPath(DirectoryInfo folder, string name) => Path.Combine(folder.FullName, name);

    private void End(GuestExitKind reason)
    {
        if (_ending is { IsCompleted: true } || Interlocked.CompareExchange(ref _forcedEnding, (int)reason, NotForced) != NotForced)
        {
            return;
        }

        _process.Kill();
    }

    private async Task<GuestExit> FollowAsync()
    {
        // Off the caller's thread at once: the first read may complete synchronously.
        await Task.Yield();
        var console = new GuestConsole(DeliverLine);
        try
        {
            await Task.WhenAll(PumpConsoleAsync(console), PumpErrorsAsync()).ConfigureAwait(false);
            await _process.WaitForExitAsync().ConfigureAwait(false);
        }
        finally
        {
            console.Complete();
            _lines.Writer.Complete();
        }

        // A guest that ended by itself just before it would have been killed has ended by itself.
        int reason = _process.ExitCode == KilledCode ? Volatile.Read(ref _forcedEnding) : NotForced;
        return reason switch
        {
            NotForced => GuestExit.FromEmulator(_process.ExitCode, console.ByteCount == _announcementByteCount, _lastError),
            (int)GuestExitKind.TimedOut => new(
                GuestExitKind.TimedOut, 0, string.Create(CultureInfo.InvariantCulture, $"limit {_options.TimeLimit!.Value.TotalSeconds:0.###} s")),
            (int)GuestExitKind.ConsoleLimit => new(
                GuestExitKind.ConsoleLimit, 0, string.Create(CultureInfo.InvariantCulture, $"limit {_options.ConsoleLimitBytes} bytes")),
            _ => new(GuestExitKind.Stopped, 0, string.Empty),
        };
    }

    private void DeliverLine(string line)
    {
        // QEMU tells the name of a pseudo-terminal on the stream that carries the guest's console.
        if (line.StartsWith("char device redirected to ", StringComparison.Ordinal) && line.EndsWith($" (label {SerialConnection.Label})", StringComparison.Ordinal))
        {
            _announcementByteCount = line.Length + 1;
            return;
        }

        _lines.Writer.TryWrite(line);
    }

    private async Task PumpConsoleAsync(GuestConsole console)
    {
        byte[] buffer = new byte[4096];
        Stream output = _process.StandardOutput.BaseStream;
        for (int count; (count = await output.ReadAsync(buffer).ConfigureAwait(false)) != 0;)
        {
            console.Write(buffer.AsSpan(0, count));
            if (console.ByteCount > _options.ConsoleLimitBytes)
            {
                End(GuestExitKind.ConsoleLimit);
                return;
            }
        }
    }

    private async Task PumpErrorsAsync()
    {
        // Warnings are about the host and the processor model; only what can explain an ending is kept.
        while (await _process.StandardError.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (line.Length != 0 && !line.Contains(": warning: ", StringComparison.Ordinal) && !line.Contains(": info: ", StringComparison.Ordinal))
            {
                _lastError = line;
            }
        }
    }
}
