// A rule of the kernel's sources that no compiler knows.

using System;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Ringfence.Documents.Tests;

public sealed partial class KernelSourceTests
{
    private static readonly string[] s_kernelFolders =
        ["src/Ringfence.Kernel/", "src/Ringfence.Machine/", "src/Ringfence.Domains/", "src/Ringfence.Paging/", "src/Ringfence.CoreLib/"];

    [Fact]
    public void No_code_of_the_kernel_uses_stackalloc_which_moves_the_stack_pointer_below_the_stack_for_a_moment()
    {
        string[] sources = [.. Checkout.Files.Where(static path =>
            path.EndsWith(".cs", StringComparison.Ordinal) && s_kernelFolders.Any(folder => path.StartsWith(folder, StringComparison.Ordinal)))];
        Assert.True(sources.Length > 50, $"only {sources.Length} sources were found");
        Findings.None("stackalloc in the kernel", sources.Where(static path => StackAllocation().IsMatch(Checkout.Read(path))));
    }

    [GeneratedRegex(@"\bstackalloc\s+\w+\s*\[")]
    private static partial Regex StackAllocation();
}
