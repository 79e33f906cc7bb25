// The number of page-table frames, against counts made by hand.

using Ringfence.ImageBuilder;
using Ringfence.ImageBuilder.Linking;

namespace Ringfence.Sdk.Tests;

public sealed class PageTableBudgetTests
{
    private const ulong Mebibyte = 1024 * 1024;

    [Theory]
    [InlineData("ia32", 2, 1 + 1)]
    [InlineData("ia32", 4, 1 + 2)]
    [InlineData("pae", 2, 1 + 2)]
    [InlineData("pae", 512, 1 + 512)]
    [InlineData("pae", 514, 2 + 514)]
    [InlineData("x86-64", 2, 2 + 1 + 2)]
    [InlineData("x86-64", 514, 2 + 2 + 514)]
    public void Frames_for_twice_the_window(string format, int windowMebibytes, int frames) =>
        Assert.Equal(frames, PageTableBudget.Frames(ImageFormats.Parse(format)!.Value, (ulong)windowMebibytes * Mebibyte));

    [Fact]
    public void The_window_holds_a_guard_below_each_stack_and_one_above_the_last()
    {
        // Ten threads of 1 + 2 + 1 + 1 pages and the last guard are 51 pages.
        ulong fits = (2 * Mebibyte) - (51 * 4096);
        Assert.Equal(2 * Mebibyte, PageTableBudget.WindowBytes(fits, 10, 2, 1));
        Assert.Equal(4 * Mebibyte, PageTableBudget.WindowBytes(fits + 4096, 10, 2, 1));
    }
}
