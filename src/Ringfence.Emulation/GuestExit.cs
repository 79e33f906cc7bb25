// How a guest's run ended. QEMU folds several endings into one number; this takes them apart again.

using System;

namespace Ringfence.Emulation;

/// <summary>The ways in which a run can end.</summary>
public enum GuestExitKind
{
    /// <summary>The guest wrote an exit status to the debug-exit port.</summary>
    Status,

    /// <summary>The machine was reset or switched off without a status; with resets disabled this is what a triple fault looks like.</summary>
    NoStatus,

    /// <summary>The time limit passed and the emulator was ended.</summary>
    TimedOut,

    /// <summary>The guest wrote more to its console than was allowed and the emulator was ended.</summary>
    ConsoleLimit,

    /// <summary>The caller ended the emulator, by disposal or by <see cref="QemuMachine.Stop"/>.</summary>
    Stopped,

    /// <summary>The emulator itself failed: it refused its arguments or died of a signal.</summary>
    EmulatorFailed,
}

/// <summary>The ending of a run.</summary>
/// <param name="Kind">What ended it.</param>
/// <param name="Status">The guest's status, 0 to <see cref="MaximumStatus"/>; meaningful for <see cref="GuestExitKind.Status"/> only.</param>
/// <param name="Detail">What the emulator said about it, one line; empty where there is nothing to say.</param>
public readonly record struct GuestExit(GuestExitKind Kind, int Status, string Detail)
{
    /// <summary>
    /// The greatest status a guest can report without ambiguity: a greater one gives a process exit code of 128 or more, which is also how a
    /// process ended by a signal appears.
    /// </summary>
    public const int MaximumStatus = 63;

    private const int FirstSignalCode = 128;

    /// <summary>Whether the guest reported status 0.</summary>
    public bool IsSuccess => Kind == GuestExitKind.Status && Status == 0;

    /// <summary>
    /// Reads QEMU's exit code. Its isa-debug-exit device ends the process with 2 × status + 1 (QEMU, hw/misc/debugexit.c), so status 0 shares
    /// code 1 with a refusal to start; only the refusal has something to say on standard error and a console that stayed empty.
    /// </summary>
    /// <param name="code">The process's exit code; 128 + n for signal n.</param>
    /// <param name="consoleIsEmpty">Whether the guest wrote nothing.</param>
    /// <param name="emulatorError">The emulator's last line on standard error that is no warning; empty if there was none.</param>
    public static GuestExit FromEmulator(int code, bool consoleIsEmpty, string emulatorError)
    {
        ArgumentNullException.ThrowIfNull(emulatorError);
        if (code >= FirstSignalCode)
        {
            string detail = $"ended by signal {code - FirstSignalCode}";
            return new(GuestExitKind.EmulatorFailed, 0, emulatorError.Length == 0 ? detail : $"{detail}: {emulatorError}");
        }

        if (code == 1 && consoleIsEmpty && emulatorError.Length != 0)
        {
            return new(GuestExitKind.EmulatorFailed, 0, emulatorError);
        }

        return code % 2 == 1
            ? new(GuestExitKind.Status, (code - 1) / 2, string.Empty)
            : new(GuestExitKind.NoStatus, 0, emulatorError);
    }

    /// <summary>The ending in words.</summary>
    public override string ToString() => Kind switch
    {
        GuestExitKind.Status => $"the guest ended with exit status {Status}",
        GuestExitKind.NoStatus => "the guest stopped without an exit status (triple fault?)",
        GuestExitKind.TimedOut => $"the guest did not end in time: {Detail}",
        GuestExitKind.ConsoleLimit => $"the guest wrote too much to its console: {Detail}",
        GuestExitKind.Stopped => "the emulator was stopped",
        _ => $"the emulator failed: {Detail}",
    };
}
