// An image that the kernel could not describe is refused while it is built, with the count and the limit.

using Ringfence.ImageBuilder;
using Ringfence.ImageBuilder.Metadata;

namespace Ringfence.Sdk.Tests;

public sealed class KernelLimitsTests
{
    private static readonly KernelLimits s_limits = new(Components: 4, Domains: 6, Partitions: 5, Regions: 60, Objects: 3);

    [Fact]
    public void An_image_at_every_limit_is_accepted()
    {
        // 4 + 2 * (3 * 4 + 4) + 3 * 8 = 60
        Assert.Empty(Check(threadCapacity: 8, sharedPartitions: 4, objects: 3, 2, 2, 2, 2));
    }

    [Theory]
    [InlineData(8, 1, 0, new[] { 0, 0, 0, 0, 0 }, "The image has 5 components; the kernel has room for 4")]
    [InlineData(4, 1, 0, new[] { 0, 0, 0, 0 }, "RingfenceThreadCapacity is 4; 4 components need at least 5")]
    [InlineData(8, 3, 0, new[] { 0, 3 }, "C1 has 3 shared partitions; a domain has room for 2 beside text, read-only data and statics")]
    [InlineData(8, 1, 4, new[] { 0, 0 }, "The image has 4 kernel objects, those that components may create included; the kernel has room for 3")]
    [InlineData(8, 5, 0, new[] { 0, 0, 0, 0 }, "4 components, 5 shared partitions and 8 threads make up to 62 regions; the kernel has room for 60")]
    public void One_more_than_a_limit_is_refused_with_the_count_and_the_limit(int threadCapacity, int sharedPartitions, int objects, int[] grants, string text)
    {
        Diagnostic diagnostic = Assert.Single(Check(threadCapacity, sharedPartitions, objects, grants));
        Assert.Equal("RF2021", diagnostic.Code);
        Assert.Equal("image.csproj", diagnostic.Origin);
        Assert.Equal(text, diagnostic.Text);
    }

    private static IEnumerable<Diagnostic> Check(int threadCapacity, int sharedPartitions, int objects, params int[] grants) =>
        s_limits.Check("image.csproj", threadCapacity, [.. grants.Select(static (count, index) => ($"C{index}", count))], sharedPartitions, objects);
}
