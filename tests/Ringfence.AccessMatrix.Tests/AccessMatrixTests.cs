// Accesses made on the MMU that an emulator makes, against the prediction. The formats are run one after the other, each once for all tests.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Ringfence.Verification.Guests;
using Xunit;

namespace Ringfence.AccessMatrix.Tests;

public sealed class AccessMatrixTests
{
    // All rights of all levels, all single bits and every state of one level are among the first; some ten seconds a format.
    private const long StateLimit = 2_000_000;

    // Far more than it takes: other tests run beside.
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromSeconds(300);

    private static readonly ConcurrentDictionary<GuestFormat, Lazy<Task<MatrixRun>>> s_runs = new();

    public static TheoryData<string> Formats => [.. GuestFormat.All.Select(static format => format.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Every_access_on_QEMUs_MMU_ends_as_predicted_but_for_the_differences_that_are_known(string formatName)
    {
        MatrixRun run = await OnQemuAsync(formatName);
        Assert.True(run.Findings.Count == 0, run.ToString());
        Assert.True(run.Log.IsComplete || run.Log.StateCount >= StateLimit, run.ToString());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task What_QEMU_does_otherwise_is_found_when_nothing_is_known_of_it(string formatName)
    {
        MatrixRun run = await OnQemuAsync(formatName);
        IReadOnlyList<string> findings = MatrixJudgement.Judge(run.Log, run.Format, []);
        Assert.Equal(run.Log.Differences.Count, findings.Count);
        Assert.All(findings, static finding => Assert.StartsWith("not known: ", finding, StringComparison.Ordinal));
    }

    private static Task<MatrixRun> OnQemuAsync(string formatName)
    {
        GuestFormat format = GuestFormat.All.Single(format => format.Name == formatName);
        return s_runs.GetOrAdd(format, static key => new(() => MatrixRun.UnderQemuAsync(key, StateLimit, s_timeLimit, CancellationToken.None))).Value;
    }
}
