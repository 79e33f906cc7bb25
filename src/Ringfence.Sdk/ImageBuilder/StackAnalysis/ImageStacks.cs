// The stacks of an image: every path of the kernel and of each component, and what they come to for each kind of stack.

using Iced.Intel;
using Ringfence.ImageBuilder.Linking;
using Ringfence.ImageBuilder.Metadata;

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>Analyses an image.</summary>
internal sealed class ImageStacks
{
    // The one function of an interrupt's handler that lets other interrupts in, and whose doing so is known to be bounded: see StackNeed.
    private const string LettingIn = "Ringfence.Kernel.Scheduler.SwitchInSteps";

    // What a handler that is let in there doesn't do: a switch is under way already (Scheduler.SwitchIfWanted).
    private static readonly string[] s_switches = ["Ringfence.Kernel.Scheduler.SwitchNow", "Ringfence.Kernel.Scheduler.SwitchAway"];

    // Where a check that the compiler puts in ends if it fails: a panic, too, but one that can be in the middle of another's report.
    private const string FailedCheck = "Ringfence.Kernel.Panic.Fail";

    private readonly LinkedImage _image;
    private readonly List<StackPath> _paths = [];
    private readonly List<string> _nesting = [];

    private long _letInBytes;

    private ImageStacks(LinkedImage image) => _image = image;

    /// <summary>Every path: the kernel's first.</summary>
    public IReadOnlyList<StackPath> Paths => _paths;

    /// <summary>What each kind of stack needs.</summary>
    public IReadOnlyList<StackNeed> Needs { get; private set; } = [];

    private int Bits => _image.Request.Format.Is64Bit() ? 64 : 32;

    /// <summary>Follows all paths.</summary>
    public static ImageStacks Of(LinkedImage image)
    {
        ImageStacks stacks = new(image);
        stacks.AddKernel();
        foreach (LinkedComponent component in image.Components)
        {
            stacks.AddComponent(component);
        }

        stacks.Needs = StackNeed.Of(stacks._paths, stacks._letInBytes, stacks._nesting, image);
        return stacks;
    }

    /// <summary>The same of an image that differs in nothing but the sizes of its stacks.</summary>
    public ImageStacks In(LinkedImage image)
    {
        ImageStacks same = new(image) { _letInBytes = _letInBytes };
        same._paths.AddRange(_paths);
        same._nesting.AddRange(_nesting);
        same.Needs = StackNeed.Of(_paths, _letInBytes, _nesting, image);
        return same;
    }

    // A thread starts in the same code whatever it runs; which that is, a register says.
    private void AddComponent(LinkedComponent component)
    {
        using LinkedWorld world = new(component.Scope, Bits, [component.Text, component.ReadOnly]);
        StackDepths depths = new(world.Code);
        CodeFunction start = world.Code.FunctionAt(component.Entry.Address)!;
        Register function = Bits == 64 ? Register.RSI : Register.EDX;
        foreach (CodeFunction? body in world.ThreadBodies.Prepend(null))
        {
            StackState state = new() { Pointer = StackBases.Top(StackRoot.Entry), InterruptsOn = true };
            state.Write(function, StackValue.Of((long)(body?.Address ?? 0)));
            Add(component.Request.Name, StackPathKind.UserThread, body?.Name ?? "Main", depths, new WalkKey(start, state), StackRoot.Entry);
        }
    }

    private void AddKernel()
    {
        using LinkedWorld world = new(_image.Kernel, Bits, _image.KernelCode);
        StackDepths depths = new(world.Code, static function => function.Name == LettingIn);
        KernelEntries entries = new(world.Code, _image.Kernel, _image.Request.Kpti);
        AddNamed(StackPathKind.Boot, "boot and the idle thread", depths, entries.Boot(), ImageLinker.BootStackEnd);
        AddKernelThreads(depths, entries, world.ThreadBodies);
        foreach ((int number, string name) in Calls())
        {
            AddKernel(StackPathKind.SystemCall, name, depths, entries.SystemCall(number), StackRoot.KernelStack);
            AddEntry(StackPathKind.EntryStack, name, depths, entries.SystemCall(number));
        }

        AddLetIn(world.Code);
        AddPanics(world.Code);
        for (int vector = 0; vector < KernelEntries.VectorCount; vector++)
        {
            string name = KernelEntries.NameOf(vector);
            AddKernel(StackPathKind.InterruptOfUser, name, depths, entries.InterruptOfUser(vector), StackRoot.KernelStack);
            AddKernel(StackPathKind.SeparateStack, name + ", user mode", depths, entries.InterruptOfUser(vector), StackRoot.SeparateStack);
            AddKernel(StackPathKind.InterruptOfKernel, name, depths, entries.InterruptOfKernel(vector), StackRoot.Entry);
            CheckNesting(name, depths, entries.InterruptOfKernel(vector));
            AddKernel(StackPathKind.SeparateStack, name, depths, entries.InterruptOfKernel(vector), StackRoot.SeparateStack);
            AddKernel(StackPathKind.InterruptOfUser, name + " in an entry or exit", depths, entries.InterruptOfKernel(vector), StackRoot.KernelStack);
            AddEntry(StackPathKind.EntryStack, name, depths, entries.InterruptOfUser(vector));
            AddEntry(StackPathKind.EntryStackTop, name + " in an entry or exit", depths, entries.InterruptOfEntry(vector));
            if (entries.LandingOf(vector) is { } landing)
            {
                AddNamed(StackPathKind.Landing, name, depths, entries.InterruptOfKernel(vector), landing);
            }
        }
    }

    // Those that the image has; one for all that it hasn't, which are answered alike; and a number that is no call's.
    private IEnumerable<(int Number, string Name)> Calls()
    {
        IReadOnlyList<string> names = _image.Calls.Names;
        foreach ((int number, string name) in names.Index().Where(call => _image.Calls.IsMade(call.Item)))
        {
            yield return (number, name);
        }

        foreach ((int number, _) in names.Index().Where(call => !_image.Calls.IsMade(call.Item)).Take(1))
        {
            yield return (number, "a call that no component makes");
        }

        yield return (names.Count, "a bad number");
    }

    // All threads together, each body by itself, and what begins anew at the top of the stack: the first way into user mode.
    private void AddKernelThreads(StackDepths depths, KernelEntries entries, IReadOnlyList<CodeFunction> bodies)
    {
        if (entries.ThreadStart() is not { } start)
        {
            return;
        }

        Add(LinkScope.KernelOwner, StackPathKind.KernelThread, "any thread's start", depths, start, StackRoot.KernelStack);
        foreach (CodeFunction body in bodies)
        {
            AddKernel(StackPathKind.ThreadBody, body.Name, depths, WalkKey.Plain(body, interruptsOn: true), StackRoot.Entry);
        }

        foreach (WalkKey key in depths.ReachedFrom(start).Where(key => !key.Equals(start)).ToList())
        {
            Add(LinkScope.KernelOwner, StackPathKind.KernelThread, key.Function.Name, depths, key, StackRoot.KernelStack);
            AddEntry(StackPathKind.EntryStack, key.Function.Name, depths, key);
        }
    }

    // The deepest of an interrupt's handlers that was let in by another.
    private void AddLetIn(CodeWorld world)
    {
        StackDepths depths = new(world.Without(s_switches));
        KernelEntries entries = new(depths.World, _image.Kernel, _image.Request.Kpti);
        for (int vector = KernelEntries.FirstInterrupt; vector < KernelEntries.VectorCount; vector++)
        {
            if (entries.InterruptOfKernel(vector) is { } key && depths.DepthOf(key, StackRoot.Entry) is { } depth)
            {
                _letInBytes = Math.Max(_letInBytes, depth.Bytes);
            }
        }
    }

    // Where a double fault or a machine check ends in a panic, its report is written on the stack of double faults. Panics of other code aren't counted.
    private void AddPanics(CodeWorld world)
    {
        StackDepths depths = new(world.Ending(static function => function.Name == FailedCheck), static function => function.Name == LettingIn);
        KernelEntries entries = new(depths.World, _image.Kernel, _image.Request.Kpti);
        foreach (int vector in new[] { KernelEntries.DoubleFault, KernelEntries.MachineCheck })
        {
            AddKernel(StackPathKind.SeparateStack, KernelEntries.NameOf(vector) + ", with a panic", depths, entries.InterruptOfKernel(vector), StackRoot.SeparateStack);
        }
    }

    private void CheckNesting(string name, StackDepths depths, WalkKey? key)
    {
        if (key is not null && KernelEntries.IsInterrupt(name))
        {
            _nesting.AddRange(depths.ReachedFrom(key, static function => function.Name != LettingIn)
                .Where(reached => depths.SummaryOf(reached).DepthOn(StackRoot.Entry).BytesInterruptible is not null)
                .Select(static reached => $"{reached.Function.Name}: interrupts are on in an interrupt's handler, and nothing bounds how many lie on each other")
                .Where(problem => !_nesting.Contains(problem)));
        }
    }

    private void AddKernel(StackPathKind kind, string name, StackDepths depths, WalkKey? key, StackRoot root)
    {
        if (key is not null)
        {
            Add(LinkScope.KernelOwner, kind, name, depths, key, root);
        }
    }

    // On the entry stack, which there is with KPTI.
    private void AddEntry(StackPathKind kind, string name, StackDepths depths, WalkKey? key)
    {
        if (_image.Request.Kpti)
        {
            AddNamed(kind, name, depths, key, KernelEntries.EntryStackEnd);
        }
    }

    // On a stack that code names by its address.
    private void AddNamed(StackPathKind kind, string name, StackDepths depths, WalkKey? key, string top)
    {
        if (key is not null)
        {
            Add(LinkScope.KernelOwner, kind, name, depths, key, StackRoot.Absolute, (long)KernelEntries.Find(_image.Kernel, top)!.Address);
        }
    }

    // Depths on a stack that is named by its address are counted from its top.
    private void Add(string owner, StackPathKind kind, string name, StackDepths depths, WalkKey key, StackRoot root, long top = 0)
    {
        if (depths.DepthOf(key, root) is { } deepest)
        {
            _paths.Add(new StackPath(
                owner,
                kind,
                name,
                deepest.From(top),
                depths.DepthOf(key, root, StackMoment.Ordinary)?.From(top),
                depths.DepthOf(key, root, StackMoment.LetIn)?.From(top)));
        }
    }
}
