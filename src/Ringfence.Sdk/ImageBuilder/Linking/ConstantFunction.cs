// The kernel tells the builder a number that only its compiler knows, the size of a struct, by a function that returns it: compiled, it is one
// instruction with the number in it. So no size is written down twice.

using System.Buffers.Binary;
using Ringfence.ImageBuilder.Objects;

namespace Ringfence.ImageBuilder.Linking;

/// <summary>Reads the result of an exported function that returns a constant.</summary>
internal static class ConstantFunction
{
    /// <summary>The number that the function <paramref name="name"/> of this scope returns; it must be compiled to <c>mov eax, imm32; ret</c>.</summary>
    public static int Value(LinkScope scope, string name)
    {
        const byte MoveToEax = 0xB8;
        const byte Return = 0xC3;
        const int Length = 6;
        if (scope.Find(name) is not { Fragment: { Kind: SectionKind.Text } fragment } symbol)
        {
            throw new BuildFailedException("RF2015", scope.Owner, $"The function {name}, which tells the size of a table's items, is not defined");
        }

        ReadOnlySpan<byte> code = fragment.Content.Span[symbol.Offset..];
        int value = code.Length >= Length && code[0] == MoveToEax && code[Length - 1] == Return ? BinaryPrimitives.ReadInt32LittleEndian(code[1..]) : 0;
        return value > 0 ? value : throw new BuildFailedException(
            "RF2015",
            scope.Owner,
            $"The function {name} is not compiled to a positive constant: its code starts with {Convert.ToHexString(code[..Math.Min(Length, code.Length)])}");
    }
}
