// The host program behind `ringfence verify mutants`. With an argument it judges some of the mutants: those of an operator, or with the text in their names.

using System;
using System.Globalization;
using System.Threading;
using Ringfence.Mutation;
using Ringfence.Mutation.Running;
using Ringfence.Verification.Oracles;

if (args is [Worker.Verb, var mutatedFolder, var binFolder, var memberCount])
{
    Worker.Run(mutatedFolder, binFolder, int.Parse(memberCount, CultureInfo.InvariantCulture));
    return 0;
}

using CancellationTokenSource cancellation = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    cancellation.Cancel();
};

if (args is not [var wanted])
{
    Console.Error.WriteLine($"mutants, or the name of an operator ({LibraryMutation.FlushRemoval}, ...), or a part of a mutant's name");
    return 2;
}

string? filter = wanted == "mutants" ? null : wanted;
MutationOutcome library = LibraryMutation.Run(Console.Out, filter, withSearches: true, cancellation.Token);
if (filter is not null)
{
    Console.WriteLine($"{library.Killed:N0} of {library.Total:N0} mutants noticed, {library.Explained:N0} explained");
    return library.Holds ? 0 : 1;
}

// The other half: every wrong bit in the tables of the strict page walk, which `ringfence verify oracles` explains.
MutationScore walk = WalkMutation.Run(cancellation.Token);
Console.WriteLine($"wrong bits in the page walk: {walk.Killed:N0} of {walk.Total:N0} noticed, {walk.Explained.Count:N0} explained");
Console.WriteLine($"library: {library.Killed:N0} of {library.Total:N0} noticed, {library.Explained:N0} explained");
Console.WriteLine(
    $"{library.Killed + walk.Killed:N0} of {library.Total + walk.Total:N0} mutants noticed, {library.Explained + walk.Explained.Count:N0} explained, "
    + $"{library.Complaints.Count + walk.Unexplained.Count + walk.Refuted.Count:N0} to be explained");
return library.Holds && walk.Holds ? 0 : 1;
