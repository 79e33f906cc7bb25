// What the analysis makes of single instructions and of calls. Depths are counted from the stack pointer at a function's first instruction.

using Iced.Intel;
using Ringfence.ImageBuilder.StackAnalysis;
using static Iced.Intel.AssemblerRegisters;

namespace Ringfence.Sdk.Tests;

public sealed class StackAnalysisTests
{
    [Fact]
    public void Pushes_a_frame_and_a_call_add_up()
    {
        AssembledCode code = new(64);
        code.Function("Outer", assembler =>
        {
            assembler.push(rbx);
            assembler.sub(rsp, 0x20);
            assembler.call(code.Label("Inner"));
            assembler.add(rsp, 0x20);
            assembler.pop(rbx);
            assembler.ret();
        }).Function("Inner", static assembler =>
        {
            assembler.push(rbp);
            assembler.push(r15);
            assembler.pop(r15);
            assembler.pop(rbp);
            assembler.ret();
        });

        StackDepth depth = Depth(code, "Outer");
        Assert.Equal(8 + 0x20 + 8 + 16, depth.Bytes);
        Assert.Equal([new ChainLink("Outer", 0), new ChainLink("Inner", 48)], depth.Chain);
        Assert.Empty(depth.Problems);
    }

    [Fact]
    public void The_deepest_of_all_paths_counts()
    {
        AssembledCode code = new(64);
        code.Function("Function", assembler =>
        {
            Label shallow = assembler.CreateLabel();
            assembler.test(edi, edi);
            assembler.je(shallow);
            assembler.sub(rsp, 0x100);
            assembler.add(rsp, 0x100);
            assembler.ret();
            assembler.Label(ref shallow);
            assembler.push(rax);
            assembler.pop(rax);
            assembler.ret();
        });
        Assert.Equal(0x100, Depth(code, "Function").Bytes);
    }

    [Fact]
    public void A_frame_pointer_takes_the_stack_pointer_back()
    {
        AssembledCode code = new(32);
        code.Function("Function", assembler =>
        {
            assembler.push(ebp);
            assembler.mov(ebp, esp);
            assembler.push(edi);
            assembler.sub(esp, 0x30);
            assembler.lea(esp, ebp - 4);
            assembler.pop(edi);
            assembler.pop(ebp);
            assembler.ret();
        }).Function("Leaving", static assembler =>
        {
            assembler.enter(0x40, 0);
            assembler.leave();
            assembler.ret();
        });
        StackDepths depths = code.Analyse();
        Assert.Equal(8 + 0x30, Depth(depths, "Function").Bytes);
        Assert.Equal(4 + 0x40, Depth(depths, "Leaving").Bytes);
        Assert.Empty(Depth(depths, "Leaving").Problems);
    }

    [Fact]
    public void All_registers_at_once_are_eight_words()
    {
        AssembledCode code = new(32);
        code.Function("Function", static assembler =>
        {
            assembler.pushad();
            assembler.pushfd();
            assembler.popfd();
            assembler.popad();
            assembler.ret();
        });
        Assert.Equal(36, Depth(code, "Function").Bytes);
    }

    [Fact]
    public void An_alignment_takes_up_to_a_word_less_than_it_aligns_to_and_ends_exactly_where_it_began()
    {
        AssembledCode code = new(32);
        code.Function("Function", static assembler =>
        {
            assembler.push(ebx);
            assembler.mov(ebx, esp);
            assembler.sub(esp, 0x200);
            assembler.and(esp, -16);
            assembler.push(eax);
            assembler.mov(esp, ebx);
            assembler.pop(ebx);
            assembler.ret();
        });
        StackDepth depth = Depth(code, "Function");
        Assert.Equal(4 + 0x200 + 12 + 4, depth.Bytes);
        Assert.Empty(depth.Problems);
    }

    [Fact]
    public void Arguments_that_the_callee_takes_off_are_gone_when_it_returns()
    {
        AssembledCode code = new(32);
        code.Function("Function", assembler =>
        {
            assembler.push(1);
            assembler.push(2);
            assembler.call(code.Label("Callee"));
            assembler.push(1);
            assembler.push(2);
            assembler.call(code.Label("Callee"));
            assembler.ret();
        }).Function("Callee", static assembler => assembler.ret(8));
        StackDepth depth = Depth(code, "Function");
        Assert.Equal(12, depth.Bytes);
        Assert.Empty(depth.Problems);
    }

    [Fact]
    public void A_jump_to_another_function_leaves_the_frame_behind()
    {
        AssembledCode code = new(64);
        code.Function("Function", assembler =>
        {
            assembler.sub(rsp, 0x48);
            assembler.add(rsp, 0x48);
            assembler.jmp(code.Label("Next"));
        }).Function("Next", static assembler =>
        {
            assembler.sub(rsp, 0x18);
            assembler.add(rsp, 0x18);
            assembler.ret();
        });
        StackDepths depths = code.Analyse();
        Assert.Equal(0x48, Depth(depths, "Function").Bytes);

        AssembledCode other = new(64);
        other.Function("Function", assembler => assembler.jmp(other.Label("Next"))).Function("Next", static assembler =>
        {
            assembler.push(rax);
            assembler.pop(rax);
            assembler.ret();
        });
        Assert.Equal([new ChainLink("Function", 0), new ChainLink("Next", 0)], Depth(other, "Function").Chain);
    }

    [Fact]
    public void The_branches_of_a_switch_are_found_through_its_table()
    {
        AssembledCode code = new(64);
        Label first = default;
        Label second = default;
        code.Function("Function", assembler =>
        {
            first = assembler.CreateLabel();
            second = assembler.CreateLabel();
            Label other = assembler.CreateLabel();
            Label from = assembler.CreateLabel();
            assembler.nop();
            assembler.Label(ref from);
            assembler.cmp(edi, 1);
            assembler.ja(other);
            assembler.mov(eax, edi);
            assembler.lea(rcx, __[AssembledCode.DataAddress]);
            assembler.mov(ecx, __dword_ptr[rcx + (rax * 4)]);
            assembler.lea(rdx, __[from]);
            assembler.add(rcx, rdx);
            assembler.jmp(rcx);
            assembler.Label(ref other);
            assembler.ret();
            assembler.Label(ref first);
            assembler.sub(rsp, 0x10);
            assembler.add(rsp, 0x10);
            assembler.ret();
            assembler.Label(ref second);
            assembler.sub(rsp, 0x80);
            assembler.add(rsp, 0x80);
            assembler.ret();
        });
        StackDepths depths = code.Analyse(address => [.. new[] { first, second }.Select(label => (int)(address(label) - address(code.Label("Function")) - 1))]);
        Assert.Equal(0x80, Depth(depths, "Function").Bytes);
        Assert.Empty(Depth(depths, "Function").Problems);

        // With the index known, one branch alone.
        StackState state = new() { Pointer = StackBases.Top(StackRoot.Entry) };
        state.Write(Register.RDI, StackValue.Of(0));
        Assert.Equal(0x10, depths.DepthOf(new WalkKey(depths.World.Find("Function")!, state), StackRoot.Entry)!.Bytes);
    }

    [Fact]
    public void A_recursion_is_reported_with_its_circle()
    {
        AssembledCode code = Recursion();
        Assert.Equal(["recursion without a limit: First -> Second -> First"], Depth(code, "First").Problems);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_limit_bounds_a_recursion(int limit)
    {
        // Each turn is both functions' frames and return addresses; the last one's call counts as if it were made and came to nothing.
        StackDepth depth = Depth(Recursion().Limit("First", limit), "First");
        Assert.Empty(depth.Problems);
        Assert.Equal(limit * (0x10 + 8 + 0x20 + 8), depth.Bytes);
    }

    [Fact]
    public void A_call_through_a_pointer_is_reported_unless_it_is_known_what_it_reaches()
    {
        StackDepth unknown = Depth(ThroughPointer(), "Function");
        Assert.Equal("Function+0x4: a call through a pointer, and nothing says what it reaches", Assert.Single(unknown.Problems));

        StackDepth known = Depth(ThroughPointer().Targets(static _ => ["Small", "Large"]), "Function");
        Assert.Empty(known.Problems);
        Assert.Equal(8 + 8 + 0x60, known.Bytes);
        Assert.Equal("Large", known.Chain[^1].Name);
    }

    [Fact]
    public void A_loop_that_takes_more_at_every_turn_is_reported()
    {
        AssembledCode code = new(64);
        code.Function("Function", static assembler =>
        {
            Label again = assembler.CreateLabel();
            assembler.nop();
            assembler.Label(ref again);
            assembler.push(rax);
            assembler.dec(edi);
            assembler.jne(again);
            assembler.ret();
        });
        Assert.Contains(Depth(code, "Function").Problems, static problem => problem.Contains("a loop takes more of the stack at every turn", StringComparison.Ordinal));
    }

    [Fact]
    public void An_amount_that_only_running_shows_is_reported()
    {
        AssembledCode code = new(64);
        code.Function("Function", assembler =>
        {
            assembler.mov(rbp, rsp);
            assembler.sub(rsp, rdi);
            assembler.call(code.Label("Callee"));
            assembler.mov(rsp, rbp);
            assembler.ret();
        }).Function("Callee", static assembler => assembler.ret());
        Assert.Equal("Function+0x6: a call on a stack that could not be followed", Assert.Single(Depth(code, "Function").Problems));
    }

    [Fact]
    public void A_frame_over_a_page_is_probed_and_then_taken()
    {
        // As the compiler has it; the probe is an assembly source's, and keeps the register that others may change.
        AssembledCode code = new(64);
        code.Function("Function", assembler =>
        {
            assembler.push(rbp);
            assembler.lea(r11, rsp - 0x1400);
            assembler.call(code.Label("Probe"));
            assembler.mov(rsp, r11);
            assembler.call(code.Label("Callee"));
            assembler.add(rsp, 0x1400);
            assembler.pop(rbp);
            assembler.ret();
        }).Function("Callee", static assembler => assembler.ret()).Function("Probe", static assembler =>
        {
            Label again = assembler.CreateLabel();
            assembler.mov(rax, rsp);
            assembler.and(rax, -4096);
            assembler.Label(ref again);
            assembler.test(__[rax - 8], eax);
            assembler.sub(rax, 4096);
            assembler.cmp(rax, r11);
            assembler.ja(again);
            assembler.ret();
        }, isCompiled: false);
        StackDepth depth = Depth(code, "Function");
        Assert.Empty(depth.Problems);
        Assert.Equal(8 + 0x1400 + 8, depth.Bytes);
    }

    [Theory]
    [InlineData(false, 4 + 4096)]
    [InlineData(true, 4 + 64 + 4)]
    public void A_stack_allocation_of_IA_32_lowers_the_stack_pointer_by_a_page_first_which_matters_where_interrupts_come(bool isUserMode, int bytes)
    {
        AssembledCode code = new(32) { IsUserMode = isUserMode };
        code.Function("Function", assembler =>
        {
            Label again = assembler.CreateLabel();
            assembler.push(ebp);
            assembler.mov(ebp, esp);
            assembler.mov(eax, -64);
            assembler.add(eax, esp);
            assembler.jb(again);
            assembler.xor(eax, eax);
            assembler.Label(ref again);
            assembler.test(__dword_ptr[esp], esp);
            assembler.sub(esp, 4096);
            assembler.cmp(esp, eax);
            assembler.jae(again);
            assembler.mov(esp, eax);
            assembler.call(code.Label("Callee"));
            assembler.lea(esp, __[ebp]);
            assembler.pop(ebp);
            assembler.ret();
        }).Function("Callee", static assembler => assembler.ret());
        StackDepth depth = Depth(code, "Function");
        Assert.Empty(depth.Problems);
        Assert.Equal(bytes, depth.Bytes);
    }

    [Fact]
    public void A_jump_through_a_pointer_is_a_call_that_returns_in_its_place()
    {
        AssembledCode code = new(64);
        code.Function("Function", static assembler => assembler.jmp(rax)).Function("Target", static assembler =>
        {
            assembler.sub(rsp, 0x60);
            assembler.add(rsp, 0x60);
            assembler.ret();
        });
        Assert.Equal("Function+0x0: a jump through a pointer, and nothing says what it reaches", Assert.Single(Depth(code, "Function").Problems));
        Assert.Equal(0x60, Depth(code.Targets(static _ => ["Target"]), "Function").Bytes);
    }

    [Fact]
    public void A_return_from_somewhere_else_is_reported()
    {
        AssembledCode code = new(64);
        code.Function("Unknown", static assembler =>
        {
            assembler.mov(rsp, rsi);
            assembler.ret();
        }).Function("Deeper", static assembler =>
        {
            assembler.push(rax);
            assembler.ret();
        });
        StackDepths depths = code.Analyse();
        Assert.Equal("Unknown+0x3: a return on a stack that could not be followed", Assert.Single(Depth(depths, "Unknown").Problems));
        Assert.Equal("Deeper+0x1: a return with the stack pointer where it wasn't at the entry", Assert.Single(Depth(depths, "Deeper").Problems));
    }

    [Fact]
    public void A_counting_loop_ends()
    {
        AssembledCode code = new(32);
        code.Function("Function", static assembler =>
        {
            // As the stack probe does: the register goes down by pages for as long as nobody knows.
            Label again = assembler.CreateLabel();
            assembler.push(ebp);
            assembler.mov(ebp, esp);
            assembler.and(ebp, -4096);
            assembler.Label(ref again);
            assembler.sub(ebp, 4096);
            assembler.cmp(ebp, eax);
            assembler.ja(again);
            assembler.pop(ebp);
            assembler.ret();
        });
        StackDepth depth = Depth(code, "Function");
        Assert.Equal(4, depth.Bytes);
        Assert.Empty(depth.Problems);
    }

    [Fact]
    public void Nothing_runs_behind_a_call_that_never_returns()
    {
        AssembledCode code = new(64);
        code.Function("Function", assembler =>
        {
            assembler.push(rax);
            assembler.call(code.Label("Never"));
            assembler.sub(rsp, 0x1000);
        }).Function("Never", static assembler =>
        {
            Label again = assembler.CreateLabel();
            assembler.nop();
            assembler.Label(ref again);
            assembler.hlt();
            assembler.jmp(again);
        });
        Assert.Equal(16, Depth(code, "Function").Bytes);
    }

    [Fact]
    public void What_ends_the_machine_is_not_counted()
    {
        AssembledCode code = new(64);
        code.Function("Function", assembler =>
        {
            assembler.push(rax);
            assembler.call(code.Label("Panic"));
        }).Function("Panic", static assembler =>
        {
            assembler.sub(rsp, 0x400);
            assembler.ud2();
        });
        Assert.Equal(16 + 0x400, Depth(code, "Function").Bytes);
        Assert.Equal(16, Depth(code.Ends("Panic"), "Function").Bytes);
    }

    internal static StackDepth Depth(AssembledCode code, string name) => Depth(code.Analyse(), name);

    internal static StackDepth Depth(StackDepths depths, string name, bool interruptsOn = false) =>
        depths.DepthOf(WalkKey.Plain(depths.World.Find(name)!, interruptsOn), StackRoot.Entry)!;

    private static AssembledCode Recursion()
    {
        AssembledCode code = new(64);
        return code.Function("First", assembler =>
        {
            assembler.sub(rsp, 0x10);
            assembler.call(code.Label("Second"));
            assembler.add(rsp, 0x10);
            assembler.ret();
        }).Function("Second", assembler =>
        {
            Label done = assembler.CreateLabel();
            assembler.sub(rsp, 0x20);
            assembler.test(edi, edi);
            assembler.je(done);
            assembler.call(code.Label("First"));
            assembler.Label(ref done);
            assembler.add(rsp, 0x20);
            assembler.ret();
        });
    }

    private static AssembledCode ThroughPointer()
    {
        AssembledCode code = new(64);
        return code.Function("Function", static assembler =>
        {
            assembler.sub(rsp, 8);
            assembler.call(rax);
            assembler.add(rsp, 8);
            assembler.ret();
        }).Function("Small", static assembler => assembler.ret()).Function("Large", static assembler =>
        {
            assembler.sub(rsp, 0x60);
            assembler.add(rsp, 0x60);
            assembler.ret();
        });
    }
}
