// The host program behind `ringfence verify`: runs the verifications that are named.

using System;
using System.Linq;
using System.Threading;
using Ringfence.Verification;

using CancellationTokenSource cancellation = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    cancellation.Cancel();
};

if (args is not [var name] || Verifications.All.FirstOrDefault(known => known.Name == name) is not { } verification)
{
    Console.Error.WriteLine($"one of: {string.Join(", ", Verifications.All.Select(static known => known.Name))}");
    return 2;
}

return verification.Run(Console.Out, cancellation.Token) ? 0 : 1;
