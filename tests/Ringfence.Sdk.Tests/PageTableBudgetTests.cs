// The number of page-table frames, against counts made by hand.

using Ringfence.ImageBuilder;
using Ringfence.ImageBuilder.Linking;

namespace Ringfence.Sdk.Tests;

public sealed class PageTableBudgetTests
{
    private const ulong Mebibyte = 1024 * 1024;

    [Theory]
    [InlineData("ia32", 2, 1 + 1)]
    [InlineData("ia32", 4, 1 + 1)]
    [InlineData("ia32", 8, 1 + 2)]
    [InlineData("pae", 2, 1 + 1)]
    [InlineData("pae", 4, 1 + 2)]
    [InlineData("pae", 1024, 1 + 512)]
    [InlineData("pae", 1028, 2 + 514)]
    [InlineData("x86-64", 2, 2 + 1 + 1)]
    [InlineData("x86-64", 4, 2 + 1 + 2)]
    [InlineData("x86-64", 1028, 2 + 2 + 514)]
    public void Frames_for_the_addresses_from_zero(string format, int mappedMebibytes, int frames)
    {
        ulong mapped = (ulong)mappedMebibytes * Mebibyte;
        Assert.Equal(frames, PageTableBudget.Frames(ImageFormats.Parse(format)!.Value, mapped));
        Assert.True(PageTableBudget.Frames(ImageFormats.Parse(format)!.Value, mapped + 4096) >= frames);
    }

    [Fact]
    public void Above_the_image_lie_stacks_with_a_guard_below_each_a_last_guard_and_the_view_of_all_that_can_be_granted()
    {
        // Ten threads of 1 + 2 + 1 + 1 pages end 50 pages above the image, the last guard is one more; from the first page that can be granted
        // there are 30 pages to the end of the image and those 50.
        ulong mapped = PageTableBudget.MappedEnd(Mebibyte, Mebibyte + (30 * 4096), 10, 2, 1);
        Assert.Equal(Mebibyte + ((30 + 50 + 1 + 30 + 50) * 4096), mapped);
    }
}
