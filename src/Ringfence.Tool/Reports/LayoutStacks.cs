// What the map says of stacks: the image builder has analysed the machine code.

using System.Collections.Generic;

namespace Ringfence.Tool.Reports;

/// <summary>A function on the way to the deepest place of a stack.</summary>
/// <param name="Name">Its C# name, or its symbol.</param>
/// <param name="Bytes">Bytes of stack in use when it begins.</param>
public sealed record LayoutStackLink(string Name, long Bytes);

/// <summary>One way of using a stack.</summary>
/// <param name="Owner">"kernel" or the component.</param>
/// <param name="Kind">What it is, as the image builder names it.</param>
/// <param name="Name">The thread's entry, the system call, the vector; several that are alike, separated by commas.</param>
/// <param name="Bytes">The deepest.</param>
/// <param name="Chain">The calls that lead there.</param>
/// <param name="Problems">What could not be followed: if there is anything, the path may go deeper.</param>
/// <param name="InterruptibleBytes">The deepest at which an interrupt may come on top; null if none may.</param>
public sealed record LayoutStackPath(
    string Owner, string Kind, string Name, long Bytes, IReadOnlyList<LayoutStackLink> Chain, IReadOnlyList<string> Problems, long? InterruptibleBytes = null);

/// <summary>A kind of stack.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">What the image gives it.</param>
/// <param name="NeededBytes">What it may take at most.</param>
/// <param name="Deepest">The path that takes most.</param>
/// <param name="InterruptBytes">How much of the need interrupts take.</param>
/// <param name="Problems">What could not be followed: if there is anything, it may take more.</param>
/// <param name="StateBytes">How much of the need lies above the stack's top, for a user thread's x87 and SSE state.</param>
public sealed record LayoutStackNeed(
    string Name, long Bytes, long NeededBytes, string Deepest, long InterruptBytes, IReadOnlyList<string> Problems, long StateBytes = 0);

/// <summary>The stacks of an image.</summary>
/// <param name="Needs">What each kind has and needs.</param>
/// <param name="Paths">All paths.</param>
public sealed record LayoutStacks(IReadOnlyList<LayoutStackNeed> Needs, IReadOnlyList<LayoutStackPath> Paths);
