// `ringfence verify guest` and `ringfence verify bochs`: the access matrix on the MMUs of two emulators.

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;

namespace Ringfence.Verification.Guests;

/// <summary>The prediction holds on an emulator's MMU in all formats, but for the differences that are known of it.</summary>
/// <param name="name">The word that names it on the command line.</param>
/// <param name="stateLimit">States a format.</param>
/// <param name="run">Runs one format.</param>
public sealed class GuestVerification(string name, long stateLimit, Func<GuestFormat, long, TimeSpan, CancellationToken, Task<MatrixRun>> run) : IVerification
{
    private const long QemuStateLimit = 30_000_000;
    private const long BochsStateLimit = 1_000_000;

    private static readonly TimeSpan s_timeLimit = TimeSpan.FromMinutes(30);

    /// <summary>Under QEMU.</summary>
    public static GuestVerification UnderQemu { get; } = new("guest", QemuStateLimit, MatrixRun.UnderQemuAsync);

    /// <summary>Under Bochs, which takes ten times as long.</summary>
    public static GuestVerification UnderBochs { get; } = new("bochs", BochsStateLimit, MatrixRun.UnderBochsAsync);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public bool Run(TextWriter output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(output);
        bool isRight = true;
        long count = 0;
        foreach (GuestFormat format in GuestFormat.All)
        {
            MatrixRun result = run(format, stateLimit, s_timeLimit, cancellationToken).GetAwaiter().GetResult();
            output.WriteLine(result);
            isRight &= result.Findings.Count == 0;
            count += result.Log.StateCount;
        }

        output.WriteLine($"{name}: {count:N0} states on {GuestFormat.All.Count} formats, {(isRight ? "no difference that isn't known" : "not as predicted")}");
        return isRight;
    }
}
