// Follows one function through all its paths. A state is kept for each way of reaching an instruction that differs in what is known, so a stack pointer is always exact, and a
// branch whose condition is known is taken one way only.

using Iced.Intel;

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>Gives the summary of a call; asked in the middle of a walk.</summary>
internal delegate WalkSummary SummaryOf(WalkKey key);

/// <summary>Walks through a function.</summary>
internal sealed class FunctionWalk
{
    // From so many states of one instruction on, those of equal stack pointer are joined: a loop that counts has an end.
    private const int JoinedFrom = 16;

    // So many stack pointers at one instruction are a loop that takes more of the stack at every turn.
    private const int MaximumPointers = 64;

    private readonly CodeWorld _world;
    private readonly StackBases _bases;
    private readonly SummaryOf _summaryOf;
    private readonly WalkSummary _summary;
    private readonly CodeFunction _function;
    private readonly Dictionary<ulong, List<StackState>> _seen = [];
    private readonly Stack<(ulong Address, StackState State)> _pending = [];
    private readonly InstructionSteps _steps;

    private FunctionWalk(CodeWorld world, StackBases bases, WalkKey key, SummaryOf summaryOf)
    {
        _world = world;
        _bases = bases;
        _summaryOf = summaryOf;
        _summary = new WalkSummary(key);
        _function = key.Function;
        _steps = new InstructionSteps(world, bases, _function);
    }

    /// <summary>Walks.</summary>
    public static WalkSummary Run(CodeWorld world, StackBases bases, WalkKey key, SummaryOf summaryOf)
    {
        FunctionWalk walk = new(world, bases, key, summaryOf);
        walk.Reach(key.Entry);
        walk.Go(key.Function.Address, key.Entry);
        while (walk._pending.TryPop(out (ulong Address, StackState State) next))
        {
            walk.Follow(next.Address, next.State);
        }

        return walk._summary;
    }

    private void Go(ulong address, StackState state)
    {
        if (!_seen.TryGetValue(address, out List<StackState>? states))
        {
            _seen.Add(address, states = []);
        }

        if (states.Contains(state))
        {
            return;
        }

        if (states.Count >= JoinedFrom && states.FindLast(seen => seen.Pointer == state.Pointer && seen.InterruptsOn == state.InterruptsOn) is { } like)
        {
            StackState joined = like.Copy();
            _ = joined.TryJoin(state);
            if (states.Contains(joined))
            {
                return;
            }

            state = joined;
        }

        if (states.Count >= MaximumPointers && states.DistinctBy(static seen => seen.Pointer).Count() >= MaximumPointers)
        {
            _summary.Report($"{Where(address)}: a loop takes more of the stack at every turn");
            return;
        }

        states.Add(state);
        _pending.Push((address, state));
    }

    // Up to the next branch. Whoever gets here on another way finds out there that the rest has been seen.
    private void Follow(ulong address, StackState before)
    {
        StackState state = before.Copy();
        while (true)
        {
            if (_function.IsCompiled && address == _function.End)
            {
                return; // behind a call that doesn't return
            }

            Instruction instruction = _world.InstructionAt(address);
            if (instruction.IsInvalid)
            {
                _summary.Report($"{Where(address)}: no instruction");
                return;
            }

            if (instruction.FlowControl != FlowControl.Next)
            {
                Branch(instruction, state);
                return;
            }

            (StackValue pointer, bool interruptsOn) = (state.Pointer, state.InterruptsOn);
            _summary.NoteWrites(instruction, _world);
            if (_steps.Execute(instruction, state) is { } problem)
            {
                _summary.Report($"{Where(address)}: {problem}");
            }

            address = instruction.NextIP;
            if ((pointer, interruptsOn) != (state.Pointer, state.InterruptsOn) && !IsProbed(address))
            {
                Reach(state);
            }
        }
    }

    // C#'s stackalloc on IA-32 lowers the stack pointer by a page, looks whether that was too much, and then sets it. Nothing is stored there.
    private bool IsProbed(ulong next) => _world.IsUserMode && _world.InstructionAt(next) is { Mnemonic: Mnemonic.Cmp, Op0Kind: OpKind.Register } compared
        && StackState.Index(compared.Op0Register) == StackState.Index(Register.RSP);

    private void Branch(in Instruction instruction, StackState state)
    {
        switch (instruction.FlowControl)
        {
            case FlowControl.Call when instruction.Mnemonic == Mnemonic.Call:
                Call(instruction, state);
                break;
            case FlowControl.IndirectCall:
                CallThroughPointer(instruction, state);
                break;
            case FlowControl.UnconditionalBranch:
                Jump(instruction.IsJmpFar ? instruction.FarBranch32 : instruction.NearBranchTarget, instruction, state);
                break;
            case FlowControl.IndirectBranch:
                JumpThroughTable(instruction, state);
                break;
            case FlowControl.ConditionalBranch:
                BranchOnCondition(instruction, state);
                break;
            case FlowControl.Return:
                Return(instruction, state);
                break;
            case FlowControl.Interrupt when instruction.Mnemonic == Mnemonic.Int:
            case FlowControl.Call: // SYSCALL
                InstructionSteps.ForgetScratch(_world.Bits, state);
                Go(instruction.NextIP, state);
                break;
            default:
                break; // INT3 behind a call that doesn't return, UD2
        }
    }

    private void Reach(StackState state)
    {
        if (state.Pointer is { IsStack: true } pointer)
        {
            _summary.Reach(_bases.RootOf(pointer), _bases.DepthOf(pointer), state.InterruptsOn);
        }
    }

    private void BranchOnCondition(in Instruction instruction, StackState state)
    {
        bool? taken = instruction.IsJccShortOrNear ? KnownCondition.Of(instruction.ConditionCode, state.Compared) : null;
        if (taken != false)
        {
            Jump(instruction.NearBranchTarget, instruction, state.Copy());
        }

        if (taken != true)
        {
            Go(instruction.NextIP, state);
        }
    }

    // Inside a function, and among what was assembled, code goes on; elsewhere it is another function that returns in this one's place.
    private void Jump(ulong target, in Instruction instruction, StackState state)
    {
        CodeFunction? reached = _world.FunctionOf(target);
        bool goesOn = target >= _function.Address && target < _function.End;
        if (goesOn || (!_function.IsCompiled && reached is { IsCompiled: false }))
        {
            Go(target, state);
        }
        else if (reached is null || reached.Address != target)
        {
            _summary.Report($"{Where(instruction.IP)}: a jump into the middle of {reached?.Name ?? "nothing"}");
        }
        else
        {
            ReturnInPlace(Enter(instruction, reached, state, isThroughPointer: false));
        }
    }

    private void ReturnInPlace(WalkSummary? callee)
    {
        if (callee is not { Returns: true })
        {
            return;
        }

        _summary.PoppedBytes = callee.PoppedBytes;
        if (callee.ReturnsOn)
        {
            _summary.Return(interruptsOn: true, callee.Result ?? StackValue.Unknown);
        }

        if (callee.ReturnsOff)
        {
            _summary.Return(interruptsOn: false, callee.Result ?? StackValue.Unknown);
        }
    }

    private void JumpThroughTable(in Instruction instruction, StackState state)
    {
        StackValue target = instruction.Op0Kind == OpKind.Register ? state.Read(instruction.Op0Register) : StackValue.Unknown;
        long? index = target.Kind == StackValueKind.TableEntry ? target.Number : null;
        if (instruction.Op0Kind == OpKind.Register && _function.IsCompiled && JumpTable.Targets(_world, _function, instruction, index) is { } targets)
        {
            foreach (ulong reached in targets)
            {
                Go(reached, state.Copy());
            }
        }
        else if (KnownTarget(instruction, state) is { } known)
        {
            ReturnInPlace(Enter(instruction, known, state, isThroughPointer: false));
        }
        else if (_world.PointerTargets(_function) is { } reachedThroughPointer)
        {
            foreach (CodeFunction reached in reachedThroughPointer)
            {
                ReturnInPlace(Enter(instruction, reached, state.Copy(), isThroughPointer: true));
            }
        }
        else
        {
            _summary.Report($"{Where(instruction.IP)}: a jump through a pointer, and nothing says what it reaches");
        }
    }

    private void Call(in Instruction instruction, StackState state)
    {
        if (_world.FunctionAt(instruction.NearBranchTarget) is not { } callee)
        {
            _summary.Report($"{Where(instruction.IP)}: a call into the middle of {_world.FunctionOf(instruction.NearBranchTarget)?.Name ?? "nothing"}");
            return;
        }

        Push(instruction, state);
        GoOnAfter(instruction, Enter(instruction, callee, state, isThroughPointer: false), state);
    }

    private void CallThroughPointer(in Instruction instruction, StackState state)
    {
        // What a root hands on is known: the body of a thread, or the number of a system call.
        if (KnownTarget(instruction, state) is { } known)
        {
            Push(instruction, state);
            GoOnAfter(instruction, Enter(instruction, known, state, isThroughPointer: false), state);
            return;
        }

        IReadOnlyList<CodeFunction>? targets = _world.PointerTargets(_function);
        if (targets is null)
        {
            _summary.Report($"{Where(instruction.IP)}: a call through a pointer, and nothing says what it reaches");
        }

        Push(instruction, state);
        foreach (CodeFunction target in targets ?? [])
        {
            GoOnAfter(instruction, Enter(instruction, target, state.Copy(), isThroughPointer: true), state.Copy());
        }

        if (targets is null or [])
        {
            state.Pointer = state.Pointer.Plus(_world.WordBytes);
            InstructionSteps.ForgetScratch(_world.Bits, state);
            Go(instruction.NextIP, state);
        }
    }

    private CodeFunction? KnownTarget(in Instruction instruction, StackState state)
    {
        if (instruction.Op0Kind == OpKind.Register)
        {
            return state.Read(instruction.Op0Register) is { IsNumber: true } pointer ? _world.FunctionAt((ulong)pointer.Number) : null;
        }

        StackValue index = instruction.MemoryIndex == Register.None ? StackValue.Of(0) : state.Read(instruction.MemoryIndex);
        ulong place = instruction.IsIPRelativeMemoryOperand ? instruction.IPRelativeMemoryAddress : instruction.MemoryDisplacement64;
        bool isTable = instruction.IsIPRelativeMemoryOperand || instruction.MemoryBase == Register.None;
        return isTable && index.IsNumber && _world.TryReadPointer(place + (ulong)(index.Number * instruction.MemoryIndexScale), out ulong target)
            ? _world.FunctionAt(target)
            : null;
    }

    private void Push(in Instruction instruction, StackState state)
    {
        if (!state.Pointer.IsStack)
        {
            _summary.Report($"{Where(instruction.IP)}: a call on a stack that could not be followed");
        }

        state.Pointer = state.Pointer.Plus(-_world.WordBytes);
        state.WriteWord(state.Pointer, StackValue.Unknown);
        Reach(state);
    }

    private WalkSummary? Enter(in Instruction instruction, CodeFunction callee, StackState state, bool isThroughPointer)
    {
        if (_world.MachineEnds.Contains(callee))
        {
            return null;
        }

        // In a recursion less may be known of the callee than is here.
        _summary.KeepsNothing();
        WalkSummary summary = _summaryOf(isThroughPointer ? WalkKey.Plain(callee, state.InterruptsOn) : WalkKey.OfCall(_world, callee, state));
        if (state.Pointer is { IsStack: true } pointer)
        {
            _summary.Calls.Add(new WalkedCall(instruction.IP, _bases.RootOf(pointer), _bases.DepthOf(pointer), state.InterruptsOn, summary.Key, isThroughPointer));
        }

        return summary;
    }

    private void GoOnAfter(in Instruction instruction, WalkSummary? callee, StackState state)
    {
        if (callee is null || !callee.Returns)
        {
            return;
        }

        state.Pointer = state.Pointer.Plus(_world.WordBytes + callee.PoppedBytes);
        InstructionSteps.ForgetScratch(_world.Bits, state, callee.KeptRegisters);
        if (callee.KeptRegisters?.Invoke(Register.RAX) != true)
        {
            state.Write(Register.RAX, callee.Result is { Kind: StackValueKind.Number or StackValueKind.Byte } result ? result : StackValue.Unknown);
        }

        if (callee.ReturnsOn && callee.ReturnsOff)
        {
            StackState off = state.Copy();
            off.InterruptsOn = false;
            Go(instruction.NextIP, off);
        }

        state.InterruptsOn = callee.ReturnsOn;
        Go(instruction.NextIP, state);
    }

    private void Return(in Instruction instruction, StackState state)
    {
        if (instruction.Mnemonic == Mnemonic.Ret)
        {
            if (!state.Pointer.IsStack)
            {
                _summary.Report($"{Where(instruction.IP)}: a return on a stack that could not be followed");
            }
            else if (state.Pointer != StackBases.Top(StackRoot.Entry))
            {
                _summary.Report($"{Where(instruction.IP)}: a return with the stack pointer where it wasn't at the entry");
            }

            _summary.PoppedBytes = instruction.OpCount == 1 ? instruction.Immediate16 : 0;
            _summary.Return(state.InterruptsOn, state.Read(Register.RAX));
        }
        else if (instruction.Mnemonic == Mnemonic.Retf)
        {
            _summary.Return(state.InterruptsOn, StackValue.Unknown);
        }
    }

    private string Where(ulong address)
    {
        CodeFunction? place = _world.FunctionOf(address);
        return place is null ? $"0x{address:x}" : $"{place.Name}+0x{address - place.Address:x}";
    }
}
