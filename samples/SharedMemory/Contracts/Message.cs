using System.Runtime.CompilerServices;

namespace SharedMemory.Contracts;

/// <summary>
/// What each shared partition holds: one message, of whole pages. It is nothing but bytes of a fixed number: there is no length that a reader has to believe, and
/// no address to follow.
/// </summary>
[InlineArray(ByteCount)]
public struct Message
{
    /// <summary>Pages that a message fills.</summary>
    public const int PageCount = 4;

    /// <summary>Bytes of a message.</summary>
    public const int ByteCount = PageCount * 4096;

    private byte _first;
}
