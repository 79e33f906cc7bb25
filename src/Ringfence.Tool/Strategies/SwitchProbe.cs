// Measures every switch between two domains in the image itself. The guest is stopped where its scheduler first gives the processor to a component; the kernel's own method that applies a thread's rights is then called from outside for
// one component's thread after the other, and followed instruction by instruction. So nothing is built into the image for it, and no pair is missing because the application happened not to make that switch.

using System;
using System.Collections.Generic;
using System.Linq;
using Ringfence.Emulation;
using Ringfence.Tool.Reports;

namespace Ringfence.Tool.Strategies;

/// <summary>Measures switches in one image.</summary>
public sealed class SwitchProbe
{
    private const string SwitchAway = "Ringfence.Kernel.Scheduler.SwitchAway";
    private const string TryApply = "Ringfence.Kernel.Protection.TryApply";
    private const string SwitchStack = "machine_switch_stack";

    // Slot 0 is the supervisor's, which starts the components in the order of the image before any of them runs.
    private const int FirstComponentSlot = 1;

    // What a method takes at most by far: for one that never returns.
    private const int InstructionLimit = 1_000_000;

    private readonly DebuggerClient _debugger;
    private readonly ImageLayout _layout;
    private readonly GuestFormat _format;
    private readonly KernelText _text;
    private readonly LayoutSymbol _switchAway;
    private readonly LayoutSymbol _tryApply;
    private readonly LayoutSymbol _switchStack;
    private DebuggerRegisters _entry;
    private ulong _returnAddress;

    /// <summary>Prepares to measure.</summary>
    /// <param name="debugger">The machine, before its first instruction.</param>
    /// <param name="layout">The image's map.</param>
    /// <param name="format">The image's format.</param>
    /// <param name="text">Its kernel's code.</param>
    /// <exception cref="ToolException">The map lacks a method.</exception>
    public SwitchProbe(DebuggerClient debugger, ImageLayout layout, GuestFormat format, KernelText text)
    {
        ArgumentNullException.ThrowIfNull(debugger);
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(text);
        _debugger = debugger;
        _layout = layout;
        _format = format;
        _text = text;
        _switchAway = Find(SwitchAway);
        _tryApply = Find(TryApply);
        _switchStack = Find(SwitchStack);
        _entry = ReadRegisters();
    }

    /// <summary>
    /// Measures the switch from each component's main thread to each other one's. The thread that is left was switched to just before; the one that is entered has run before, but another one's in between, if
    /// there is a third: what a strategy may remember of the two is then the least that it can be.
    /// </summary>
    /// <exception cref="ToolException">The kernel did something else than was expected.</exception>
    /// <exception cref="EmulatorException">The emulator went away.</exception>
    public IReadOnlyList<DomainSwitch> Measure()
    {
        int count = _layout.Components.Count;
        if (count < 2)
        {
            return [];
        }

        int before = RunToFirstApply();
        _returnAddress = ReadWord(_entry.StackPointer);
        CheckFirstThread();
        List<DomainSwitch> switches = [];
        for (int from = 0; from < count; from++)
        {
            for (int to = 0; to < count; to++)
            {
                if (from != to)
                {
                    switches.Add(MeasurePair(from, to, Enumerable.Range(0, count).Except([from, to])));
                }
            }
        }

        // Last, because it leaves the method.
        int rest = before + FinishFirstSwitch();
        return [.. switches.Select(measured => measured with { Instructions = rest + measured.Instructions })];
    }

    private DomainSwitch MeasurePair(int from, int to, IEnumerable<int> others)
    {
        foreach (int component in (int[])[to, .. others.Take(1), from])
        {
            Apply(component);
        }

        Tally tally = default;
        TableSnapshot before = TableSnapshot.Read(_debugger, _layout);
        bool isComplete;
        do
        {
            isComplete = FollowApply(to, ref tally);
        }
        while (!isComplete);

        return new(
            _layout.Components[from].Name,
            _layout.Components[to].Name,
            before.CountDifferences(TableSnapshot.Read(_debugger, _layout)),
            tally.InvalidatedPages,
            tally.Control3Writes,
            tally.Instructions,
            tally.Steps);
    }

    /// <summary>Runs until a component's thread is about to get its rights.</summary>
    /// <returns>The instructions that the scheduler took to get there.</returns>
    private int RunToFirstApply()
    {
        while (true)
        {
            _debugger.Continue(_switchAway.Address);
            _entry = ReadRegisters();
            ulong stackPointer = _entry.StackPointer;
            int instructions = 0;
            do
            {
                _entry = Step(_entry, ref instructions);
            }
            while (_entry.InstructionPointer != _tryApply.Address && _entry.InstructionPointer != _switchStack.Address && _entry.StackPointer <= stackPointer);

            // The others are a switch to a kernel thread, and none.
            if (_entry.InstructionPointer == _tryApply.Address)
            {
                return instructions;
            }
        }
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

    /// <summary>Goes through what follows the application of rights in a switch, up to the next thread's first instruction.</summary>
    /// <returns>Its instructions.</returns>
    private int FinishFirstSwitch()
    {
        Tally tally = default;
        if (!FollowApply((int)_entry.FirstArgument - FirstComponentSlot, ref tally))
        {
            throw ToolException.Failure("the first switch to a component takes more than one step, so that what steps have in common can't be told from it");
        }

        int instructions = 0;
        DebuggerRegisters registers = ReadRegisters();
        while (!IsIn(_switchStack, registers))
        {
            registers = Step(registers, ref instructions);
        }

        while (IsIn(_switchStack, registers))
        {
            registers = Step(registers, ref instructions);
        }

        return instructions;
    }

    private void Apply(int component)
    {
        bool isComplete = false;
        while (!isComplete)
        {
            BeginApply(component);
            _debugger.Continue(_returnAddress);
            isComplete = ReadRegisters().ResultIsTrue;
        }
    }

    // The method is as if called again from where it was called first: interrupts are off, and its return address is on the stack.
    private void BeginApply(int component) => _debugger.WriteRegisters(_entry.WithFirstArgument((ulong)(FirstComponentSlot + component)).Bytes);

    private bool FollowApply(int component, ref Tally tally)
    {
        BeginApply(component);
        tally.Steps++;
        DebuggerRegisters registers = ReadRegisters();
        while (registers.InstructionPointer != _returnAddress || registers.StackPointer <= _entry.StackPointer)
        {
            tally.InvalidatedPages += _text.IsInvalidatePage(registers.InstructionPointer) ? 1 : 0;
            tally.Control3Writes += _text.IsControl3Write(registers.InstructionPointer) ? 1 : 0;
            registers = Step(registers, ref tally.Instructions);
        }

        return registers.ResultIsTrue;
    }

    private DebuggerRegisters Step(DebuggerRegisters before, ref int instructions)
    {
        // Now and then the emulator stops again before it has done anything.
        DebuggerRegisters after = before;
        while (after.Bytes.SequenceEqual(before.Bytes))
        {
            _debugger.Step();
            after = ReadRegisters();
        }

        instructions++;
        return instructions <= InstructionLimit ? after : throw ToolException.Failure($"a switch takes more than {InstructionLimit} instructions");
    }

    private static bool IsIn(LayoutSymbol method, DebuggerRegisters registers) => registers.InstructionPointer - method.Address < method.Size;

    private DebuggerRegisters ReadRegisters() => new(_format, _debugger.ReadRegisters());

    private ulong ReadWord(ulong address)
    {
        byte[] bytes = _debugger.ReadMemory(address, _entry.WordBytes);
        return bytes.Reverse().Aggregate(0UL, static (word, value) => (word << 8) | value);
    }

    private LayoutSymbol Find(string name) =>
        _layout.Symbols.FirstOrDefault(symbol => (symbol.Method ?? symbol.Name) == name) ?? throw ToolException.Failure($"the image has no {name} to measure");

    private struct Tally
    {
        public int Instructions;
        public int InvalidatedPages;
        public int Control3Writes;
        public int Steps;
    }
}
