namespace Ringfence.Abi;

/// <summary>What <see cref="SystemCall.Nothing"/> marks in images built to count events: the stretch of user code that a measurement is about.</summary>
public enum CountingMark
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The stretch begins.</summary>
    Begin = 1,

    /// <summary>It ends.</summary>
    End = 2,
}
