// An image that the kernel could not serve is refused while it is built, with the count and the limit.

using Ringfence.ImageBuilder;
using Ringfence.ImageBuilder.Metadata;

namespace Ringfence.Sdk.Tests;

public sealed class KernelLimitsTests
{
    private static readonly KernelLimits s_limits = new(Components: 4, Partitions: 5, Objects: 3);

    [Fact]
    public void An_image_at_every_limit_is_accepted()
    {
        Assert.Empty(Check(threadCapacity: 5, domainCapacity: 5, 2, 2, 2, 2));
    }

    [Theory]
    [InlineData(8, 6, new[] { 0, 0, 0, 0, 0 }, "The image has 5 components; the kernel has room for 4")]
    [InlineData(4, 5, new[] { 0, 0, 0, 0 }, "RingfenceThreadCapacity is 4; 4 components need at least 5")]
    [InlineData(5, 4, new[] { 0, 0, 0, 0 }, "RingfenceDomainCapacity is 4; 4 components need at least 5")]
    [InlineData(8, 3, new[] { 0, 3 }, "RingfencePartitionCapacity is 5; text, read-only data, statics and 3 shared partitions of C1 need 6")]
    public void One_more_than_a_limit_is_refused_with_the_count_and_the_limit(int threadCapacity, int domainCapacity, int[] grants, string text)
    {
        Diagnostic diagnostic = Assert.Single(Check(threadCapacity, domainCapacity, grants));
        Assert.Equal("RF2021", diagnostic.Code);
        Assert.Equal("image.csproj", diagnostic.Origin);
        Assert.Equal(text, diagnostic.Text);
    }

    [Fact]
    public void One_kernel_object_more_than_there_is_room_for_is_refused()
    {
        Diagnostic diagnostic = Assert.Single(s_limits.Check("image.csproj", 8, 8, tableSetCapacity: null, [("C0", 0)], objects: 4));
        Assert.Equal("RF2021", diagnostic.Code);
        Assert.Equal("The image has 4 kernel objects, those that components may create included; the kernel has room for 3", diagnostic.Text);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void A_set_of_tables_is_needed_for_every_component_and_for_the_kernels_domain(int tableSetCapacity, bool isRefused)
    {
        Diagnostic[] found = [.. s_limits.Check("image.csproj", 8, 8, tableSetCapacity, [("C0", 0), ("C1", 0)], objects: 0)];
        Assert.Equal(
            isRefused ? ["RingfenceTableSetCapacity is 2; the sets of tables of 2 components and of the kernel's domain need at least 3"] : [],
            found.Select(static diagnostic => diagnostic.Text));
        Assert.All(found, static diagnostic => Assert.Equal(("RF2021", "image.csproj"), (diagnostic.Code, diagnostic.Origin)));
    }

    private static IEnumerable<Diagnostic> Check(int threadCapacity, int domainCapacity, params int[] grants) =>
        s_limits.Check("image.csproj", threadCapacity, domainCapacity, tableSetCapacity: null, [.. grants.Select(static (count, index) => ($"C{index}", count))], objects: 3);
}
