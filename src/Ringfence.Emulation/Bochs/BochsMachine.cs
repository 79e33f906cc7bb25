// One image booted under Bochs, which shares no code with QEMU: its console, its time limit and its ending. There is no debug-exit device in it, so
// it runs until the caller has read enough.

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;

namespace Ringfence.Emulation;

/// <summary>A running guest. Disposal ends the emulator.</summary>
public sealed class BochsMachine : IAsyncDisposable
{
    private const string LoaderSource = "pvh-loader.asm";

    private readonly BochsOptions _options;
    private readonly DirectoryInfo _folder;
    private readonly Process _process;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _end = new();
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>(new() { SingleWriter = true });
    private readonly Task<GuestExit> _ending;
    private bool _isStopped;

    private BochsMachine(BochsOptions options, DirectoryInfo folder, Process process, TcpListener listener)
    {
        _options = options;
        _folder = folder;
        _process = process;
        _listener = listener;
        _end.CancelAfter(options.TimeLimit);
        _ending = FollowAsync();
    }

    /// <summary>Completes when the emulator has ended and all console lines have been delivered; never faults.</summary>
    public Task<GuestExit> Ending => _ending;

    /// <summary>Makes a disc with GRUB and the image on it, and boots it.</summary>
    /// <exception cref="EmulatorException">There is no image, or a program that this takes is missing or failed.</exception>
    public static async Task<BochsMachine> StartAsync(BochsOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!File.Exists(options.ImagePath))
        {
            throw new EmulatorException($"there is no image at {options.ImagePath}");
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory("ringfence-bochs-");
        var listener = new TcpListener(IPAddress.Loopback, 0);
        try
        {
            string disc = await MakeDiscAsync(options, folder, cancellationToken).ConfigureAwait(false);
            listener.Start();
            string configuration = Path.Combine(folder.FullName, "bochsrc");
            string commands = Path.Combine(folder.FullName, "commands");
            int port = ((IPEndPoint)listener.LocalEndpoint).Port;
            await File.WriteAllTextAsync(
                configuration, options.BuildConfiguration(disc, Path.Combine(folder.FullName, "log"), port), cancellationToken).ConfigureAwait(false);

            // Debian builds it with its debugger, which waits for a command before the first instruction.
            await File.WriteAllTextAsync(commands, "c\n", cancellationToken).ConfigureAwait(false);

            // Its display is a terminal, and it refuses to go without one: script makes it a pseudo-terminal.
            var start = new ProcessStartInfo("script", ["-qec", $"bochs -q -f {configuration} -rc {commands}", "/dev/null"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["TERM"] = "xterm";
            return new(options, folder, StartProcess(start), listener);
        }
        catch
        {
            listener.Dispose();
            folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>The console's lines from the first that nobody has read yet, until the run ends. One reader at a time.</summary>
    public IAsyncEnumerable<string> ReadLinesAsync(CancellationToken cancellationToken = default) => _lines.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Ends the emulator now.</summary>
    public void Stop()
    {
        if (!_ending.IsCompleted)
        {
            _isStopped = true;
            _end.Cancel();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Stop();
        await _ending.ConfigureAwait(false);
        _process.Dispose();
        _listener.Dispose();
        _end.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<string> MakeDiscAsync(BochsOptions options, DirectoryInfo folder, CancellationToken cancellationToken)
    {
        DirectoryInfo boot = folder.CreateSubdirectory("disc/boot");
        File.Copy(options.ImagePath, Path.Combine(boot.FullName, "image.elf"));
        string load = "multiboot /boot/image.elf";
        if (options.Format == GuestFormat.X8664)
        {
            string source = Path.Combine(folder.FullName, LoaderSource);
            await using (Stream resource = typeof(BochsMachine).Assembly.GetManifestResourceStream(LoaderSource)!)
            await using (FileStream file = File.Create(source))
            {
                await resource.CopyToAsync(file, cancellationToken).ConfigureAwait(false);
            }

            await RunAsync("nasm", ["-f", "bin", source, "-o", Path.Combine(boot.FullName, "loader")], cancellationToken).ConfigureAwait(false);
            load = "multiboot /boot/loader\nmodule /boot/image.elf";
        }

        await File.WriteAllTextAsync(Path.Combine(boot.CreateSubdirectory("grub").FullName, "grub.cfg"), $"set timeout=0\n{load}\nboot\n", cancellationToken)
            .ConfigureAwait(false);
        string disc = Path.Combine(folder.FullName, "disc.iso");
        await RunAsync("grub-mkrescue", ["-o", disc, Path.Combine(folder.FullName, "disc")], cancellationToken).ConfigureAwait(false);
        return disc;
    }

    private static async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using Process process = StartProcess(new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        string errors = await process.StandardError.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        await output.ConfigureAwait(false);
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        if (process.ExitCode != 0)
        {
            throw new EmulatorException($"{program} failed with exit code {process.ExitCode.ToString(CultureInfo.InvariantCulture)}: {errors.Trim()}");
        }
    }

    private static Process StartProcess(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception failure)
        {
            throw new EmulatorException($"cannot start {start.FileName}: {failure.Message}", failure);
        }
    }

    private async Task<GuestExit> FollowAsync()
    {
        await Task.Yield();
        var console = new GuestConsole(line => _lines.Writer.TryWrite(line));
        Task screen = Task.WhenAll(DrainAsync(_process.StandardOutput), DrainAsync(_process.StandardError));
        try
        {
            Task exit = EndWithAsync(_process);
            await PumpConsoleAsync(console).ConfigureAwait(false);
            await exit.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopped, out of time, or ended by itself: which, is told below.
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            // The connection broke when the emulator ended.
        }

        bool endedByItself = _process.HasExited;
        if (!endedByItself)
        {
            _process.Kill(entireProcessTree: true);
        }

        await screen.ConfigureAwait(false);
        await _process.WaitForExitAsync().ConfigureAwait(false);
        console.Complete();
        _lines.Writer.Complete();
        if (_isStopped)
        {
            return new(GuestExitKind.Stopped, 0, string.Empty);
        }

        return endedByItself
            ? new(GuestExitKind.NoStatus, 0, string.Empty)
            : new(GuestExitKind.TimedOut, 0, string.Create(CultureInfo.InvariantCulture, $"limit {_options.TimeLimit.TotalSeconds:0.###} s"));
    }

    // An emulator that ends before it connects would be waited for until the time limit.
    private async Task EndWithAsync(Process process)
    {
        await process.WaitForExitAsync(_end.Token).ConfigureAwait(false);
        await _end.CancelAsync().ConfigureAwait(false);
    }

    private async Task PumpConsoleAsync(GuestConsole console)
    {
        using TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token).ConfigureAwait(false);
        NetworkStream stream = client.GetStream();
        byte[] buffer = new byte[4096];
        for (int count; (count = await stream.ReadAsync(buffer, _end.Token).ConfigureAwait(false)) != 0;)
        {
            console.Write(buffer.AsSpan(0, count));
        }
    }

    // What is on the screen is nothing but its firmware's and GRUB's; unread it would stop the emulator.
    private static async Task DrainAsync(StreamReader reader)
    {
        char[] buffer = new char[4096];
        while (await reader.ReadAsync(buffer).ConfigureAwait(false) != 0)
        {
        }
    }
}
