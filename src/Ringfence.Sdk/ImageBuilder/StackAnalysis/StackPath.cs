// One way of using a stack, and how deep it goes.

namespace Ringfence.ImageBuilder.StackAnalysis;

/// <summary>What begins at the top of a stack, or on top of whatever is on one.</summary>
internal enum StackPathKind
{
    /// <summary>From the boot entry to the idle thread, on the boot stack.</summary>
    Boot,

    /// <summary>What a kernel stack begins with: the start of a kernel thread, with the deepest body, and that of a user thread.</summary>
    KernelThread,

    /// <summary>The body of a kernel thread alone.</summary>
    ThreadBody,

    /// <summary>A system call, on the caller's kernel stack.</summary>
    SystemCall,

    /// <summary>An interrupt or exception in user mode, on the thread's kernel stack.</summary>
    InterruptOfUser,

    /// <summary>An interrupt or exception in the kernel, on top of the stack that it finds.</summary>
    InterruptOfKernel,

    /// <summary>An exception that has a stack of its own.</summary>
    SeparateStack,

    /// <summary>An entry from user mode and an exit to it, on the entry stack of KPTI.</summary>
    EntryStack,

    /// <summary>An exception in an entry or exit, on top of what the entry stack holds.</summary>
    EntryStackTop,

    /// <summary>An exception that has a stack of its own, where it arrives under KPTI.</summary>
    Landing,

    /// <summary>A thread's entry in user mode, on its user stack.</summary>
    UserThread,
}

/// <summary>A path.</summary>
/// <param name="Owner">"kernel" or the component.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The thread's entry, the system call, or the vector.</param>
/// <param name="Deepest">The deepest; bytes that the processor pushes are included.</param>
/// <param name="Interruptible">The deepest at which an interrupt may come on top and switch threads; null if none may.</param>
/// <param name="LetIn">The deepest at which an interrupt is let in between two steps of a switch, and so switches to nobody; null if none is.</param>
internal sealed record StackPath(string Owner, StackPathKind Kind, string Name, StackDepth Deepest, StackDepth? Interruptible, StackDepth? LetIn = null);
