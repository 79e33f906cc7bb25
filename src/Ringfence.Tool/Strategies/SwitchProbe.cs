// Measures every switch between two domains in the image itself. The guest is stopped where its scheduler first gives the processor to a component; the kernel's own method that applies a thread's rights is then called from outside for
// one component's thread after the other, and followed instruction by instruction. So nothing is built into the image for it, and no pair is missing because the application happened not to make that switch.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Ringfence.Tool.Reports;

namespace Ringfence.Tool.Strategies;

/// <summary>Measures switches in one image.</summary>
public sealed class SwitchProbe
{
    private const string SwitchAway = "Ringfence.Kernel.Scheduler.SwitchAway";
    private const string TryApply = "Ringfence.Kernel.Protection.TryApplyAnother";
    private const string SwitchStack = "machine_switch_stack";

    // Slot 0 is the supervisor's, which starts the components in the order of the image before any of them runs.
    private const int FirstComponentSlot = 1;

    // More than the two that a strategy takes to learn that two domains take turns.
    private const int TurnCount = 4;

    // What a method takes at most by far: for one that never returns.
    private const int InstructionLimit = 1_000_000;

    // Switches of an application that are looked at for one between two components, and how long each is waited for.
    private const int AttemptLimit = 100;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private const ulong PageBytes = 4096;

    // For a guest that hangs before it runs a component; what is measured takes seconds.
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromMinutes(10);

    private readonly GdbClient _debugger;
    private readonly ImageLayout _layout;
    private readonly KernelText _text;
    private readonly CancellationToken _cancellation;
    private readonly LayoutSymbol _switchAway;
    private readonly LayoutSymbol _tryApply;
    private readonly LayoutSymbol _switchStack;
    private MachineRegisters _entry = new("");
    private ulong _returnAddress;

    private SwitchProbe(GdbClient debugger, ImageLayout layout, KernelText text, CancellationToken cancellationToken)
    {
        _debugger = debugger;
        _layout = layout;
        _text = text;
        _cancellation = cancellationToken;
        _switchAway = Find(SwitchAway);
        _tryApply = Find(TryApply);
        _switchStack = Find(SwitchStack);
    }

    /// <summary>
    /// Boots an image and measures the switch from each component's main thread to each other one's. The thread that is left was switched to just before; the one that is entered has run before, but another one's
    /// in between, if there is a third: what a strategy may remember of the two is then the least that it can be. Once more it is measured when the two have taken turns, and that is the most.
    /// </summary>
    /// <param name="files">The image.</param>
    /// <param name="layout">Its map.</param>
    /// <param name="format">Its format.</param>
    /// <param name="cancellationToken">Ends the emulator.</param>
    /// <returns>The switches; none in an image of one component.</returns>
    /// <exception cref="ToolException">The map lacks something, or the kernel did something else than was expected.</exception>
    /// <exception cref="EmulatorException">The emulator could not be started, or the guest ended before it ran a component.</exception>
    public static async Task<IReadOnlyList<DomainSwitch>> MeasureAsync(ImageFiles files, ImageLayout layout, GuestFormat format, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(layout);
        if (layout.Components.Count < 2)
        {
            return [];
        }

        var options = new QemuOptions
        {
            ImagePath = files.Image,
            Format = format,
            TimeLimit = s_timeLimit,
            DebuggerSocket = true,
            SecondSerialPort = ImageMap.Load(files.Map).UsesSerialPort ? SerialConnection.PseudoTerminal : SerialConnection.None,
        };
        KernelText text = KernelText.Load(layout, files.Image);
        await using QemuMachine machine = QemuMachine.Start(options);
        await using GdbClient debugger = await machine.ConnectDebuggerAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await new SwitchProbe(debugger, layout, text, cancellationToken).MeasureAsync().ConfigureAwait(false);
        }
        catch (EmulatorException failure) when (machine.Ending.IsCompleted)
        {
            throw new EmulatorException($"no switch to a component was seen: {await machine.Ending.ConfigureAwait(false)}", failure);
        }
    }

    private async Task<IReadOnlyList<DomainSwitch>> MeasureAsync()
    {
        int count = _layout.Components.Count;
        int before = await RunToFirstApplyAsync().ConfigureAwait(false);
        _returnAddress = await ReadWordAsync(_entry.StackPointer).ConfigureAwait(false);
        CheckFirstThread();
        List<DomainSwitch> switches = [];
        for (int from = 0; from < count; from++)
        {
            for (int to = 0; to < count; to++)
            {
                if (from != to)
                {
                    switches.Add(await MeasurePairAsync(from, to, Enumerable.Range(0, count).Except([from, to])).ConfigureAwait(false));
                }
            }
        }

        // Last, because it leaves the method.
        int rest = await MeasureRestAsync(before).ConfigureAwait(false);
        return [.. switches.Select(measured => measured with { Instructions = rest + measured.Instructions, InstructionsInTurns = rest + measured.InstructionsInTurns })];
    }

    private async Task<DomainSwitch> MeasurePairAsync(int from, int to, IEnumerable<int> others)
    {
        foreach (int component in (int[])[to, .. others.Take(1), from])
        {
            await ApplyAsync(component).ConfigureAwait(false);
        }

        Tally tally = new();
        TableSnapshot before = await TableSnapshot.ReadAsync(_debugger, _layout, _cancellation).ConfigureAwait(false);
        bool isComplete = false;
        while (!isComplete)
        {
            isComplete = await FollowApplyAsync(to, tally).ConfigureAwait(false);
        }

        TableSnapshot after = await TableSnapshot.ReadAsync(_debugger, _layout, _cancellation).ConfigureAwait(false);
        for (int turn = 0; turn < TurnCount; turn++)
        {
            await ApplyAsync(from).ConfigureAwait(false);
            await ApplyAsync(to).ConfigureAwait(false);
        }

        await ApplyAsync(from).ConfigureAwait(false);
        Tally inTurns = new();
        while (!await FollowApplyAsync(to, inTurns).ConfigureAwait(false))
        {
        }

        return new(
            _layout.Components[from].Name,
            _layout.Components[to].Name,
            before.CountDifferences(after),
            tally.InvalidatedPages,
            tally.Control3Writes,
            tally.Instructions,
            tally.Steps) { InstructionsInTurns = inTurns.Instructions };
    }

    /// <summary>Runs until a component's thread is about to get its rights.</summary>
    /// <returns>The instructions that the scheduler took to get there.</returns>
    private async Task<int> RunToFirstApplyAsync()
    {
        while (true)
        {
            await _debugger.RunToAsync(_switchAway.Address, _cancellation).ConfigureAwait(false);
            if (await FollowToApplyAsync().ConfigureAwait(false) is { } instructions)
            {
                return instructions;
            }
        }
    }

    /// <summary>Goes from the entry of the scheduler's method to where a component's thread is about to get its rights.</summary>
    /// <returns>The instructions up to there; null if it switches to a kernel thread, or not at all.</returns>
    private async Task<int?> FollowToApplyAsync()
    {
        _entry = await ReadRegistersAsync().ConfigureAwait(false);
        ulong stackPointer = _entry.StackPointer;
        Tally tally = new();
        do
        {
            _entry = await StepAsync(_entry, tally).ConfigureAwait(false);
        }
        while (_entry.InstructionPointer != _tryApply.Address && _entry.InstructionPointer != _switchStack.Address && _entry.StackPointer <= stackPointer);

        return _entry.InstructionPointer == _tryApply.Address ? tally.Instructions : null;
    }

    // Of those that are ready the most important one runs first, and of equals the one that was started first.
    private void CheckFirstThread()
    {
        LayoutComponent first = _layout.Components.MinBy(static component => component.Priority)!;
        int expected = FirstComponentSlot + _layout.Components.ToList().IndexOf(first);
        if (_entry.FirstArgument != (ulong)expected)
        {
            throw ToolException.Failure($"the first thread of a component has slot {_entry.FirstArgument}, and not slot {expected} as the one of {first.Name} should");
        }
    }

    /// <summary>
    /// Counts what a switch takes beside the application of rights: of the first one that the application makes from a component's thread to a component's thread. If it makes none soon, of the first switch of all, which comes from the
    /// supervisor: a few instructions less, because a kernel thread has no state of the x87 and SSE units.
    /// </summary>
    private async Task<int> MeasureRestAsync(int beforeFirstApply)
    {
        await ApplyAsync((int)_entry.FirstArgument - FirstComponentSlot).ConfigureAwait(false);
        int rest = beforeFirstApply + await FinishSwitchAsync().ConfigureAwait(false);
        try
        {
            for (int attempt = 0; attempt < AttemptLimit; attempt++)
            {
                await _debugger.SetBreakpointAsync(_switchAway.Address, _cancellation).ConfigureAwait(false);
                await _debugger.ContinueAsync(_cancellation).ConfigureAwait(false);
                if (!await _debugger.WaitForStopAsync(s_patience, _cancellation).ConfigureAwait(false))
                {
                    return rest;
                }

                await _debugger.RemoveBreakpointAsync(_switchAway.Address, _cancellation).ConfigureAwait(false);
                bool isFromComponent = IsOnComponentsStack((await ReadRegistersAsync().ConfigureAwait(false)).StackPointer);
                if (await FollowToApplyAsync().ConfigureAwait(false) is { } before && isFromComponent)
                {
                    await _debugger.RunToAsync(_returnAddress = await ReadWordAsync(_entry.StackPointer).ConfigureAwait(false), _cancellation).ConfigureAwait(false);
                    if ((await ReadRegistersAsync().ConfigureAwait(false)).ResultIsTrue)
                    {
                        return before + await FinishSwitchAsync().ConfigureAwait(false);
                    }
                }
            }
        }
        catch (EmulatorException)
        {
            // The application has come to its end.
        }

        return rest;
    }

    // The slots of threads begin where the image ends: a guard, the kernel stack, a guard, the user stack.
    private bool IsOnComponentsStack(ulong stackPointer) =>
        stackPointer - _layout.End is var offset && stackPointer >= _layout.End
        && offset / (PageBytes * (2 + (ulong)_layout.KernelStackPages + (ulong)_layout.UserStackPages)) >= FirstComponentSlot;

    /// <summary>Goes through what follows the application of rights in a switch, up to the next thread's first instruction.</summary>
    /// <returns>Its instructions.</returns>
    private async Task<int> FinishSwitchAsync()
    {
        Tally tally = new();
        MachineRegisters registers = await ReadRegistersAsync().ConfigureAwait(false);
        while (!IsIn(_switchStack, registers))
        {
            registers = await StepAsync(registers, tally).ConfigureAwait(false);
        }

        while (IsIn(_switchStack, registers))
        {
            registers = await StepAsync(registers, tally).ConfigureAwait(false);
        }

        return tally.Instructions;
    }

    private async Task ApplyAsync(int component)
    {
        bool isComplete = false;
        while (!isComplete)
        {
            await BeginApplyAsync(component).ConfigureAwait(false);
            await _debugger.RunToAsync(_returnAddress, _cancellation).ConfigureAwait(false);
            isComplete = (await ReadRegistersAsync().ConfigureAwait(false)).ResultIsTrue;
        }
    }

    // The method is as if called again from where it was called first: interrupts are off, and its return address is on the stack.
    private Task BeginApplyAsync(int component) => _debugger.WriteRegistersAsync(_entry.WithFirstArgument((uint)(FirstComponentSlot + component)), _cancellation);

    private async Task<bool> FollowApplyAsync(int component, Tally tally)
    {
        await BeginApplyAsync(component).ConfigureAwait(false);
        tally.Steps++;
        MachineRegisters registers = await ReadRegistersAsync().ConfigureAwait(false);
        while (registers.InstructionPointer != _returnAddress || registers.StackPointer <= _entry.StackPointer)
        {
            tally.InvalidatedPages += _text.IsInvalidatePage(registers.InstructionPointer) ? 1 : 0;
            tally.Control3Writes += _text.IsControl3Write(registers.InstructionPointer) ? 1 : 0;
            registers = await StepAsync(registers, tally).ConfigureAwait(false);
        }

        return registers.ResultIsTrue;
    }

    private async Task<MachineRegisters> StepAsync(MachineRegisters before, Tally tally)
    {
        MachineRegisters after = before;
        while (after == before)
        {
            await _debugger.StepAsync(_cancellation).ConfigureAwait(false);
            after = await ReadRegistersAsync().ConfigureAwait(false);
        }

        tally.Instructions++;
        return tally.Instructions <= InstructionLimit ? after : throw ToolException.Failure($"a switch takes more than {InstructionLimit} instructions");
    }

    private static bool IsIn(LayoutSymbol method, MachineRegisters registers) => registers.InstructionPointer - method.Address < method.Size;

    private Task<MachineRegisters> ReadRegistersAsync() => _debugger.ReadRegistersAsync(_cancellation);

    private async Task<ulong> ReadWordAsync(ulong address)
    {
        byte[] bytes = await _debugger.ReadMemoryAsync(address, _entry.WordBytes, _cancellation).ConfigureAwait(false);
        return bytes.Reverse().Aggregate(0UL, static (word, value) => (word << 8) | value);
    }

    private LayoutSymbol Find(string name) =>
        _layout.Symbols.FirstOrDefault(symbol => (symbol.Method ?? symbol.Name) == name) ?? throw ToolException.Failure($"the image has no {name} to measure");

    private sealed class Tally
    {
        public int Instructions { get; set; }

        public int InvalidatedPages { get; set; }

        public int Control3Writes { get; set; }

        public int Steps { get; set; }
    }
}
