// One boot of the image that tests itself, on one machine, shared by all tests that ask for its outcome.

using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;

namespace Ringfence.Guest.Tests;

/// <summary>A boot that has ended.</summary>
/// <param name="Log">What the guest said.</param>
/// <param name="Exit">How the machine ended.</param>
internal sealed record GuestRun(GuestTestLog Log, GuestExit Exit)
{
    /// <summary>The host sends non-maskable interrupts while a test of this class runs.</summary>
    private const string NonMaskableInterruptTests = "NonMaskableInterruptTests.";

    private static readonly TimeSpan s_nonMaskableInterruptPause = TimeSpan.FromMilliseconds(0.5);

    // Two machines keep two cores busy; more would only stretch each other's time.
    private static readonly SemaphoreSlim s_slots = new(2);
    private static readonly ConcurrentDictionary<GuestMachine, Lazy<Task<GuestRun>>> s_runs = new();

    /// <summary>Whether a test is about interrupts that only the host can send.</summary>
    public static bool NeedsNonMaskableInterrupts(string test) => test.StartsWith(NonMaskableInterruptTests, StringComparison.Ordinal);

    /// <summary>The boot on a machine: the first to ask starts it.</summary>
    public static Task<GuestRun> OnAsync(GuestMachine machine) =>
        s_runs.GetOrAdd(machine, static key => new(() => BootAsync(key))).Value;

    private static async Task<GuestRun> BootAsync(GuestMachine machine)
    {
        await s_slots.WaitAsync();
        try
        {
            var log = new GuestTestLog();
            await using QemuMachine emulator = QemuMachine.Start(machine.With(BootableImages.Guest(machine.Variant)) with { ControlSocket = true });
            await using QmpClient control = await emulator.ConnectControlAsync();
            Task storm = Task.CompletedTask;
            CancellationTokenSource? stormEnd = null;
            await foreach (string line in emulator.ReadLinesAsync())
            {
                log.Read(line);
                bool isWanted = log.Current is { } current && NeedsNonMaskableInterrupts(current);
                if (isWanted && stormEnd is null)
                {
                    stormEnd = new();
                    storm = SendNonMaskableInterruptsAsync(control, stormEnd.Token);
                }
                else if (!isWanted && stormEnd is not null)
                {
                    await stormEnd.CancelAsync();
                    await storm;
                    stormEnd.Dispose();
                    stormEnd = null;
                }
            }

            if (stormEnd is not null)
            {
                await stormEnd.CancelAsync();
                await storm;
                stormEnd.Dispose();
            }

            return new(log, await emulator.Ending);
        }
        finally
        {
            s_slots.Release();
        }
    }

    /// <summary>Sends one after the other until it is cancelled or the machine ends.</summary>
    public static async Task SendNonMaskableInterruptsAsync(QmpClient control, CancellationToken end)
    {
        try
        {
            while (!end.IsCancellationRequested)
            {
                // Not cancelled halfway: the connection serves one command after the other.
                await control.ExecuteAsync("inject-nmi", cancellationToken: CancellationToken.None);
                await Task.Delay(s_nonMaskableInterruptPause, CancellationToken.None);
            }
        }
        catch (EmulatorException)
        {
            // The machine ended under the storm. How it ended is in its exit and its console.
        }
    }
}
