namespace Ringfence.Guest.Contracts;

/// <summary>What the test queues carry.</summary>
public struct TestMessage
{
    /// <summary>Bytes of a message.</summary>
    public const int ByteCount = 16;

    /// <summary>Tells messages apart.</summary>
    public uint Number;

    /// <summary>The complement of the number: a message that was copied in part doesn't have it.</summary>
    public uint Complement;

    /// <summary>Fills the size.</summary>
    public ulong Filler;
}
