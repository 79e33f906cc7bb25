// A non-maskable interrupt before each instruction of entry and exit, one by one: where the stack, the tables and the segments are the user's, the kernel's, or half of each.
//
// Checked by planting mistakes in the entry of such interrupts: CR3 not put back (each format), the kernel's CR3 not loaded, DS or ES not put back, the stack not left (PAE). In each case the
// machine dies, the guest's test fails, or a register differs. Segments were why registers are compared: the emulator forgives a kernel's selector in user mode.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Xunit;

namespace Ringfence.Guest.Tests;

public sealed class EntryBoundaryTests
{
    private const string EntryText = "kernel.entry-text";
    private const string GuestTest = "NonMaskableInterruptTests.Rf14SystemCallsAndRegistersSurviveAStormOfNonMaskableInterrupts";

    // Entries and exits by system call and by timer are more instructions than this in every format.
    private const int LeastBoundaryCount = 90;

    // The guest's timer ticks a thousand times a second: whatever is executed at all is executed within this time.
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(3);

    public static IEnumerable<TheoryDataRow<string>> Machines => GuestMachine.All.Where(static machine => machine.Variant.HasKpti).Select(static machine => new TheoryDataRow<string>(machine.Name));

    [Theory]
    [MemberData(nameof(Machines))]
    public async Task A_non_maskable_interrupt_before_each_instruction_of_entry_text_changes_nothing(string name)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        GuestMachine machine = GuestMachine.All.Single(machine => machine.Name == name);
        ImageFiles image = BootableImages.Guest(machine.Variant);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("ringfence-");
        string path = Path.Combine(folder.FullName, "gdb");
        QemuOptions options = machine.With(image);
        options = options with
        {
            ControlSocket = true,
            ExtraArguments = [.. options.ExtraArguments, "-chardev", $"socket,path={path},server=on,wait=off,id=gdb", "-gdb", "chardev:gdb"],
        };
        var log = new GuestTestLog();
        int boundaryCount = 0;
        using var stormEnd = new CancellationTokenSource();
        Task storm = Task.CompletedTask;
        await using (QemuMachine emulator = QemuMachine.Start(options))
        {
            await using QmpClient control = await emulator.ConnectControlAsync(token);
            await foreach (string line in emulator.ReadLinesAsync(token))
            {
                log.Read(line);
                if (log[GuestTest] is not null)
                {
                    break;
                }

                if (log.Current == GuestTest && boundaryCount == 0)
                {
                    boundaryCount = await InterruptEachInstructionAsync(path, control, EntryTextOf(image), token);

                    // The guest's test wants more of them than there are instructions.
                    storm = GuestRun.SendNonMaskableInterruptsAsync(control, stormEnd.Token);
                }
            }

            await stormEnd.CancelAsync();
            await storm;
        }

        folder.Delete(recursive: true);
        Assert.True(log[GuestTest] is { Verdict: GuestVerdict.Passed }, $"{log[GuestTest]?.Text} The console ends:\n{log.Tail}");
        Assert.InRange(boundaryCount, LeastBoundaryCount, int.MaxValue);
    }

    // Breakpoints at every byte: those that no instruction begins at are never met. Returns how many were met.
    private static async Task<int> InterruptEachInstructionAsync(string socketPath, QmpClient control, (ulong Start, ulong End) text, CancellationToken token)
    {
        await using GdbClient debugger = await GdbClient.ConnectAsync(socketPath, isRunning: true, token);
        HashSet<ulong> left = [];
        for (ulong address = text.Start; address < text.End; address++)
        {
            await debugger.SetBreakpointAsync(address, token);
            left.Add(address);
        }

        // Where the machine stood when an interrupt was sent; the last one first, for the entry of such interrupts has breakpoints, too.
        Stack<MachineRegisters> interrupted = [];
        int count = 0;
        await debugger.ContinueAsync(token);
        while (await debugger.WaitForStopAsync(s_silence, token))
        {
            MachineRegisters registers = await debugger.ReadRegistersAsync(token);
            ulong address = registers.InstructionPointer;
            if (interrupted.TryPeek(out MachineRegisters? before) && before.InstructionPointer == address)
            {
                // It came back before the instruction was executed.
                Assert.True(registers == before, $"an interrupt before 0x{address:x} changed what was interrupted, {registers.DifferenceFrom(before)}");
                interrupted.Pop();
                await debugger.RemoveBreakpointAsync(address, token);
            }
            else
            {
                Assert.True(left.Remove(address), $"the machine stopped at 0x{address:x}, where it was not to stop");
                count++;
                interrupted.Push(registers);

                // It is delivered before the instruction; within the handling of another one, after that.
                await control.ExecuteAsync("inject-nmi", cancellationToken: token);
            }

            await debugger.ContinueAsync(token);
        }

        Assert.Empty(interrupted);
        await debugger.StopAsync(token);
        foreach (ulong address in left)
        {
            await debugger.RemoveBreakpointAsync(address, token);
        }

        await debugger.DetachAsync(token);
        return count;
    }

    private static (ulong Start, ulong End) EntryTextOf(ImageFiles image)
    {
        using JsonDocument map = JsonDocument.Parse(File.ReadAllBytes(image.Map));
        JsonElement region = map.RootElement.GetProperty("regions").EnumerateArray().Single(static region => region.GetProperty("name").GetString() == EntryText);
        ulong start = region.GetProperty("start").GetUInt64();
        return (start, start + region.GetProperty("usedBytes").GetUInt64());
    }
}
