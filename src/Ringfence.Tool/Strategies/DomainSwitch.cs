// What it costs to go from a thread of one domain to a thread of another, and the one number that costs are compared by.

namespace Ringfence.Tool.Strategies;

/// <summary>A switch between two domains, as it was measured.</summary>
/// <param name="From">The component whose thread was live.</param>
/// <param name="To">The component whose thread runs next.</param>
/// <param name="EntryWrites">Entries of page tables that the switch changed.</param>
/// <param name="InvalidatedPages">INVLPG instructions.</param>
/// <param name="Control3Writes">Writes of CR3.</param>
/// <param name="Instructions">All instructions, from the scheduler's choice to the next thread's stack.</param>
/// <param name="StepCount">Steps in which it was done, between which interrupts are let in; what that takes is not counted.</param>
public sealed record DomainSwitch(string From, string To, int EntryWrites, int InvalidatedPages, int Control3Writes, int Instructions, int StepCount)
{
    /// <summary>
    /// What a flush counts for in instructions, of one page or of all. INVLPG takes 120 to 350 cycles on processors of the kind that the kernel is for, and a write of CR3 about as many and walks to come
    /// (<c>FlushObligation.WholeSetCrossoverPageCount</c> in src/Ringfence.Paging): a count of instructions alone would take both for one.
    /// </summary>
    public const int FlushWeight = 200;

    /// <summary>Instructions of the same switch once the two have taken turns for a while, so that a strategy that remembers knows what differs; null if that wasn't measured.</summary>
    public int? InstructionsInTurns { get; init; }

    /// <summary>Instructions, with each flush counted for <see cref="FlushWeight"/> more.</summary>
    public int Weight => Instructions + (FlushWeight * (InvalidatedPages + Control3Writes));

    /// <summary>Both domains, as a table names them.</summary>
    public string Pair => $"{From} → {To}";
}
