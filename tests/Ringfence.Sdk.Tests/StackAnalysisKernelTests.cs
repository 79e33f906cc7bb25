// What the analysis knows of a kernel: where interrupts are on, which stack code is on, and that a known argument decides a branch.

using Iced.Intel;
using Ringfence.ImageBuilder.StackAnalysis;
using static Iced.Intel.AssemblerRegisters;

namespace Ringfence.Sdk.Tests;

public sealed class StackAnalysisKernelTests
{
    [Theory]
    [InlineData(true, 8L)]
    [InlineData(false, null)]
    public void What_a_lock_covers_is_not_interrupted(bool interruptsOn, long? interruptible)
    {
        // As C# does it: off, whatever it was; the work; on again if they were on.
        AssembledCode code = WithInterruptFunctions();
        code.Function("Locked", assembler =>
        {
            Label done = assembler.CreateLabel();
            assembler.push(rbx);
            assembler.call(code.Label("Disable"));
            assembler.test(eax, eax);
            assembler.setne(bl);
            assembler.movzx(ebx, bl);
            assembler.call(code.Label("Work"));
            assembler.test(ebx, ebx);
            assembler.je(done);
            assembler.call(code.Label("Enable"));
            assembler.Label(ref done);
            assembler.pop(rbx);
            assembler.ret();
        }).Function("Work", Frame(0x80));
        StackDepths depths = code.Analyse();
        WalkKey key = WalkKey.Plain(depths.World.Find("Locked")!, interruptsOn);
        Assert.Equal(16 + 0x80, depths.DepthOf(key, StackRoot.Entry)!.Bytes);
        Assert.Empty(depths.ProblemsOf(key));

        // At the deepest in Enable, behind its STI, or in Disable before its CLI: a word pushed there, and the return address.
        Assert.Equal(interruptible is null ? null : 8 + 8 + 8, depths.DepthOf(key, StackRoot.Entry, StackMoment.Interruptible)?.Bytes);
        Assert.Equal(interruptsOn, depths.SummaryOf(key).ReturnsOn);
        Assert.Equal(!interruptsOn, depths.SummaryOf(key).ReturnsOff);
    }

    [Fact]
    public void Where_interrupts_are_let_in_under_a_lock_they_count()
    {
        AssembledCode code = WithInterruptFunctions();
        code.Function("Steps", assembler =>
        {
            assembler.sub(rsp, 0x30);
            assembler.call(code.Label("Enable"));
            assembler.call(code.Label("Disable"));
            assembler.call(code.Label("Work"));
            assembler.add(rsp, 0x30);
            assembler.ret();
        }).Function("Work", Frame(0x80));
        StackDepths depths = code.Analyse();
        WalkKey key = WalkKey.Plain(depths.World.Find("Steps")!, interruptsOn: false);
        Assert.Equal(0x30 + 8 + 0x80, depths.DepthOf(key, StackRoot.Entry)!.Bytes);
        Assert.Equal(0x30 + 8 + 8, depths.DepthOf(key, StackRoot.Entry, StackMoment.Interruptible)!.Bytes);
    }

    [Fact]
    public void Interrupts_that_a_function_lets_in_are_told_from_others()
    {
        AssembledCode code = WithInterruptFunctions();
        code.Function("Thread", assembler =>
        {
            assembler.sub(rsp, 0x20);
            assembler.call(code.Label("Enable"));
            assembler.call(code.Label("Disable"));
            assembler.call(code.Label("Between"));
            assembler.add(rsp, 0x20);
            assembler.ret();
        }).Function("Between", assembler =>
        {
            assembler.sub(rsp, 0x30);
            assembler.call(code.Label("Steps"));
            assembler.add(rsp, 0x30);
            assembler.ret();
        }).Function("Steps", assembler =>
        {
            assembler.sub(rsp, 0x40);
            assembler.call(code.Label("Enable"));
            assembler.call(code.Label("Disable"));
            assembler.add(rsp, 0x40);
            assembler.ret();
        });
        StackDepths depths = new(code.Analyse().World, static function => function.Name == "Steps");
        WalkKey key = WalkKey.Plain(depths.World.Find("Thread")!, interruptsOn: false);
        const long InEnable = 8 + 8;
        Assert.Equal(0x20 + 8 + 0x30 + 8 + 0x40 + InEnable, depths.DepthOf(key, StackRoot.Entry, StackMoment.Interruptible)!.Bytes);
        Assert.Equal(0x20 + InEnable, depths.DepthOf(key, StackRoot.Entry, StackMoment.Ordinary)!.Bytes);
        StackDepth letIn = depths.DepthOf(key, StackRoot.Entry, StackMoment.LetIn)!;
        Assert.Equal(0x20 + 8 + 0x30 + 8 + 0x40 + InEnable, letIn.Bytes);
        Assert.Equal(["Thread", "Between", "Steps"], letIn.Chain.Select(static link => link.Name).Take(3));
        Assert.Equal(4, letIn.Chain.Count);
        Assert.Null(depths.DepthOf(WalkKey.Plain(depths.World.Find("Between")!, interruptsOn: false), StackRoot.Entry, StackMoment.Ordinary));
    }

    [Theory]
    [InlineData(0x20_00F0, 1)]
    [InlineData(0x20_0100, 2)]
    [InlineData(0x1F_FFF0, 2)]
    public void Where_a_stack_is_that_is_named_by_its_address_decides_a_branch(int top, int expected)
    {
        // Whether the stack pointer is within 256 bytes, as the entry of an exception asks that may come upon the entry stack.
        AssembledCode code = new(32);
        code.Function("Entry", assembler =>
        {
            Label done = assembler.CreateLabel();
            assembler.mov(esp, top);
            assembler.mov(eax, esp);
            assembler.sub(eax, (int)AssembledCode.DataAddress);
            assembler.cmp(eax, 256);
            assembler.jae(done);
            code.Note(StackNote.KernelStackTop);
            assembler.mov(esp, __dword_ptr[edi]);
            assembler.push(eax);
            assembler.ud2();
            assembler.Label(ref done);
            assembler.push(eax);
            assembler.push(eax);
            assembler.ud2();
        }, isCompiled: false);
        StackDepths depths = code.Analyse();
        WalkKey key = WalkKey.Plain(depths.World.Find("Entry")!, interruptsOn: false);
        Assert.Equal(expected == 1 ? 4 : null, depths.DepthOf(key, StackRoot.KernelStack)?.Bytes);
        Assert.Equal(expected == 1 ? -top : 8 - top, depths.DepthOf(key, StackRoot.Absolute)!.Bytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_follows_a_recursion_is_interrupted_only_if_the_recursion_turns_interrupts_on(bool turnsOn)
    {
        AssembledCode code = WithInterruptFunctions();
        code.Function("Recursion", assembler =>
        {
            Label done = assembler.CreateLabel();
            assembler.push(rax);
            assembler.test(edi, edi);
            assembler.je(done);
            assembler.call(code.Label("Other"));
            assembler.call(code.Label("Work"));
            if (turnsOn)
            {
                assembler.call(code.Label("Enable"));
            }

            assembler.Label(ref done);
            assembler.pop(rax);
            assembler.ret();
        }).Function("Other", assembler =>
        {
            assembler.push(rax);
            assembler.call(code.Label("Recursion"));
            assembler.call(code.Label("Work"));
            assembler.pop(rax);
            assembler.ret();
        }).Function("Work", Frame(0x400)).Limit("Recursion", 1);
        StackDepths depths = code.Analyse();
        StackDepth? interruptible = depths.DepthOf(WalkKey.Plain(depths.World.Find("Recursion")!, interruptsOn: false), StackRoot.Entry, StackMoment.Interruptible);
        Assert.Equal(turnsOn, interruptible?.Bytes > 0x400);
    }

    [Fact]
    public void A_switch_of_threads_comes_back_as_deep_as_it_left()
    {
        AssembledCode code = new(32);
        code.Function("Switch", assembler =>
        {
            assembler.push(ebx);
            assembler.mov(eax, esp);
            assembler.sub(esp, 512 + 16);
            assembler.and(esp, -16);
            assembler.mov(__dword_ptr[esp + 512], eax);
            code.Note(StackNote.SameDepth);
            assembler.mov(esp, edx);
            assembler.mov(esp, __dword_ptr[esp + 512]);
            assembler.pop(ebx);
            assembler.ret();
        }, isCompiled: false);
        StackDepth depth = StackAnalysisTests.Depth(code, "Switch");
        Assert.Equal(4 + 512 + 16 + 12, depth.Bytes);
        Assert.Empty(depth.Problems);
    }

    [Fact]
    public void Without_a_note_a_changed_stack_is_reported()
    {
        AssembledCode code = new(64);
        code.Function("Switch", static assembler =>
        {
            assembler.mov(rsp, rsi);
            assembler.push(rbx);
            assembler.ret();
        }, isCompiled: false);
        Assert.Contains("Switch+0x3: a push on a stack that could not be followed", StackAnalysisTests.Depth(code, "Switch").Problems);
    }

    [Fact]
    public void Each_stack_is_counted_by_itself()
    {
        AssembledCode code = new(64);
        code.Function("Entry", assembler =>
        {
            assembler.push(rax);
            code.Note(StackNote.KernelStackTop);
            assembler.mov(rsp, __qword_ptr[rdi]);
            assembler.push(rcx);
            assembler.push(rdx);
            assembler.call(code.Label("Handler"));
            assembler.ud2();
        }, isCompiled: false).Function("Handler", Frame(0x40));
        StackDepths depths = code.Analyse();
        WalkKey key = WalkKey.Plain(depths.World.Find("Entry")!, interruptsOn: false);
        Assert.Equal(8, depths.DepthOf(key, StackRoot.Entry)!.Bytes);
        Assert.Equal(24 + 0x40, depths.DepthOf(key, StackRoot.KernelStack)!.Bytes);
        Assert.Null(depths.DepthOf(key, StackRoot.SeparateStack));
    }

    [Theory]
    [InlineData(14, 0x100)]
    [InlineData(2, 0)]
    public void A_vector_that_a_stub_pushes_decides_what_its_handler_does(int vector, int frame)
    {
        AssembledCode code = new(64);
        code.Function("Stub", assembler =>
        {
            assembler.push(vector);
            assembler.push(rax);
            assembler.mov(rdi, rsp);
            assembler.call(code.Label("Handle"));
            assembler.ud2();
        }, isCompiled: false).Function("Handle", assembler =>
        {
            // void Handle(Frame* frame): the pointer goes through another register first.
            Label done = assembler.CreateLabel();
            assembler.push(rbx);
            assembler.mov(rbx, rdi);
            assembler.mov(rax, __qword_ptr[rbx + 8]);
            assembler.cmp(eax, 14);
            assembler.jne(done);
            assembler.call(code.Label("PageFault"));
            assembler.Label(ref done);
            assembler.pop(rbx);
            assembler.ret();
        }).Function("PageFault", Frame(0x100 - 8));
        Assert.Equal(16 + 8 + 8 + frame, StackAnalysisTests.Depth(code, "Stub").Bytes);
    }

    [Fact]
    public void A_number_passed_on_decides_a_branch_of_the_callee()
    {
        AssembledCode code = new(64);
        code.Function("Entry", assembler =>
        {
            assembler.mov(edi, 5);
            assembler.jmp(code.Label("Dispatch"));
        }, isCompiled: false).Function("Dispatch", assembler =>
        {
            Label other = assembler.CreateLabel();
            assembler.cmp(edi, 5);
            assembler.jb(other);
            assembler.ret();
            assembler.Label(ref other);
            assembler.sub(rsp, 0x200);
            assembler.add(rsp, 0x200);
            assembler.ret();
        });
        StackDepths depths = code.Analyse();
        Assert.Equal(0, StackAnalysisTests.Depth(depths, "Entry").Bytes);
        Assert.Equal(0x200, StackAnalysisTests.Depth(depths, "Dispatch").Bytes);
    }

    [Theory]
    [InlineData(0, 0x20)]
    [InlineData(1, 0x300)]
    public void A_number_chooses_from_a_table_of_functions(int number, int frame)
    {
        AssembledCode code = new(64);
        code.Function("Entry", assembler =>
        {
            assembler.mov(eax, number);
            assembler.call(__qword_ptr[(rax * 8) + (long)AssembledCode.DataAddress]);
            assembler.ud2();
        }, isCompiled: false).Function("Small", Frame(0x20)).Function("Large", Frame(0x300));
        StackDepths depths = code.Analyse(address => [(int)address(code.Label("Small")), 0, (int)address(code.Label("Large")), 0]);
        Assert.Equal(8 + frame, StackAnalysisTests.Depth(depths, "Entry").Bytes);
        Assert.Empty(StackAnalysisTests.Depth(depths, "Entry").Problems);
    }

    [Theory]
    [InlineData(ConditionCode.b, 3, 4, true)]
    [InlineData(ConditionCode.b, -1, 4, false)]
    [InlineData(ConditionCode.l, -1, 4, true)]
    [InlineData(ConditionCode.ae, 4, 4, true)]
    [InlineData(ConditionCode.a, 4, 4, false)]
    [InlineData(ConditionCode.be, 5, 4, false)]
    [InlineData(ConditionCode.ge, 4, 5, false)]
    [InlineData(ConditionCode.g, 5, 4, true)]
    [InlineData(ConditionCode.le, 5, 4, false)]
    [InlineData(ConditionCode.e, 7, 7, true)]
    [InlineData(ConditionCode.ne, 7, 7, false)]
    public void A_comparison_of_known_numbers_decides(ConditionCode condition, int left, int right, bool holds) =>
        Assert.Equal(holds, KnownCondition.Of(condition, new Comparison(left, right, 32, IsTest: false)));

    [Fact]
    public void A_test_compares_the_common_bits_with_zero()
    {
        Assert.True(KnownCondition.Of(ConditionCode.e, new Comparison(0x08, 3, 8, IsTest: true)));
        Assert.True(KnownCondition.Of(ConditionCode.ne, new Comparison(0x2B, 3, 8, IsTest: true)));
        Assert.False(KnownCondition.Of(ConditionCode.b, new Comparison(1, 3, 8, IsTest: true)));
        Assert.Null(KnownCondition.Of(ConditionCode.s, new Comparison(1, 3, 8, IsTest: true)));
        Assert.Null(KnownCondition.Of(ConditionCode.e, null));
    }

    private static Action<Assembler> Frame(int bytes) => assembler =>
    {
        assembler.sub(rsp, bytes);
        assembler.add(rsp, bytes);
        assembler.ret();
    };

    private static AssembledCode WithInterruptFunctions()
    {
        AssembledCode code = new(64);
        return code.Function("Disable", static assembler =>
        {
            assembler.pushfq();
            assembler.pop(rax);
            assembler.cli();
            assembler.shr(eax, 9);
            assembler.and(eax, 1);
            assembler.ret();
        }, isCompiled: false).Function("Enable", static assembler =>
        {
            assembler.sti();
            assembler.push(rax);
            assembler.pop(rax);
            assembler.ret();
        }, isCompiled: false);
    }
}
