// Mapping, giving and taking rights, on pages whose every entry must change.

using BenchmarkDotNet.Attributes;

namespace Ringfence.Paging.Benchmarks;

/// <summary>Edits of ranges. Each iteration makes every edit once on each of its windows, which lie side by side.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
public class EditBenchmarks<TFormat>
    where TFormat : struct, IPagingFormat
{
    private const int WindowCount = 128;
    private EditScene<TFormat, ArrayTableMemory> _scene = null!;

    /// <summary>Pages of one edit.</summary>
    [Params(1, 16, 512, 4096)]
    public int Pages { get; set; }

    private PageCount PagesOfWindow => new((nuint)Pages);

    private PageRange AllWindows => PageRange.CreateTruncated(default, new PageCount((nuint)Pages * WindowCount));

    /// <summary>Makes the tables.</summary>
    [GlobalSetup]
    public void MakeScene() => _scene = new EditScene<TFormat, ArrayTableMemory>(AllWindows.Count, static memory => memory);

    /// <summary>No page is mapped.</summary>
    [IterationSetup(Target = nameof(Map))]
    public void PrepareMap() => _scene.Prepare(EditKind.Map, AllWindows);

    /// <summary>All pages have their base rights.</summary>
    [IterationSetup(Target = nameof(Protect))]
    public void PrepareProtect() => _scene.Prepare(EditKind.Protect, AllWindows);

    /// <summary>No page has its base rights.</summary>
    [IterationSetup(Target = nameof(Reset))]
    public void PrepareReset() => _scene.Prepare(EditKind.Reset, AllWindows);

    /// <summary><see cref="EditKind.Map"/>.</summary>
    [Benchmark(OperationsPerInvoke = WindowCount)]
    public bool Map() => CarryAll(EditKind.Map);

    /// <summary><see cref="EditKind.Protect"/>.</summary>
    [Benchmark(OperationsPerInvoke = WindowCount)]
    public bool Protect() => CarryAll(EditKind.Protect);

    /// <summary><see cref="EditKind.Reset"/>.</summary>
    [Benchmark(OperationsPerInvoke = WindowCount)]
    public bool Reset() => CarryAll(EditKind.Reset);

    private bool CarryAll(EditKind kind)
    {
        bool succeeded = true;
        PageNumber first = default;
        for (int window = 0; window < WindowCount; window++)
        {
            succeeded &= _scene.Carry(kind, PageRange.CreateTruncated(first, PagesOfWindow)).Succeeded;
            first += PagesOfWindow;
        }

        return succeeded;
    }
}
