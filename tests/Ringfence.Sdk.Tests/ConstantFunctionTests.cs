// Sizes that only the kernel's compiler knows are read from code; code of any other form is refused instead of being taken for a size.

using Ringfence.ImageBuilder;
using Ringfence.ImageBuilder.Linking;
using Ringfence.ImageBuilder.Metadata;
using Ringfence.ImageBuilder.Objects;

namespace Ringfence.Sdk.Tests;

public sealed class ConstantFunctionTests
{
    private const string Name = "kernel_thing_byte_count";

    [Fact]
    public void The_constant_of_a_function_that_only_returns_it_is_read()
    {
        // mov eax, 0x158; ret
        Assert.Equal(0x158, ConstantFunction.Value(Scope([0xB8, 0x58, 0x01, 0, 0, 0xC3]), Name));
    }

    [Theory]
    [InlineData(new byte[] { 0xB8, 0, 0, 0, 0, 0xC3 }, "B800000000C3")]
    [InlineData(new byte[] { 0xB8, 0, 0, 0, 0x80, 0xC3 }, "B800000080C3")]
    [InlineData(new byte[] { 0x33, 0xC0, 0xC3 }, "33C0C3")]
    [InlineData(new byte[] { 0x55, 0x8B, 0xEC, 0xB8, 8, 0, 0, 0, 0x5D, 0xC3 }, "558BECB80800")]
    [InlineData(new byte[] { 0xB8, 8, 0, 0, 0, 0x90 }, "B80800000090")]
    public void Any_other_code_is_refused_with_its_first_bytes(byte[] code, string bytes)
    {
        Diagnostic found = Assert.Single(Assert.Throws<BuildFailedException>(() => ConstantFunction.Value(Scope(code), Name)).Diagnostics);
        Assert.Equal(("RF2015", "kernel"), (found.Code, found.Origin));
        Assert.Equal($"The function {Name} is not compiled to a positive constant: its code starts with {bytes}", found.Text);
    }

    [Fact]
    public void A_function_that_is_not_there_is_named()
    {
        LinkScope scope = new(LinkScope.KernelOwner, new MethodIndex([]));
        Diagnostic found = Assert.Single(Assert.Throws<BuildFailedException>(() => ConstantFunction.Value(scope, Name)).Diagnostics);
        Assert.Equal("RF2015", found.Code);
        Assert.Contains(Name, found.Text, StringComparison.Ordinal);
    }

    private static LinkScope Scope(byte[] code)
    {
        // Behind something else, as in a compiler's section.
        byte[] content = [0xCC, 0xCC, .. code];
        ObjectFile file = new("kernel");
        Fragment fragment = new(file, ".text", SectionKind.Text, 16, 0, content.Length, content);
        file.Fragments.Add(fragment);
        file.Symbols.Add(new Symbol(Name, isGlobal: true) { Fragment = fragment, Offset = 2 });
        LinkScope scope = new(LinkScope.KernelOwner, new MethodIndex([]));
        scope.Add(file);
        return scope;
    }
}
