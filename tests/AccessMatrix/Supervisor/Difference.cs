namespace Ringfence.AccessMatrix.Supervisor;

/// <summary>What differed from the prediction. Names go to the console; <see cref="DifferenceLog"/> has them in this order.</summary>
internal enum Difference
{
    /// <summary>A fault was predicted and none came.</summary>
    Succeeded = 0,

    /// <summary>None was predicted and one came.</summary>
    Faulted,

    /// <summary>A general-protection fault came.</summary>
    OtherException,

    /// <summary>CR2 is not the address.</summary>
    FaultAddress,

    /// <summary>Another frame was reached than the one that was predicted.</summary>
    Frame,

    /// <summary>CR3 was loaded although a directory-pointer entry has a reserved bit set.</summary>
    RootAccepted,

    /// <summary>CR3 was not loaded although no entry is wrong.</summary>
    RootRefused,

    /// <summary>Bits of an entry other than A and D changed, or A or D were cleared.</summary>
    EntryChanged,

    /// <summary>The first of five: an error code lacks P, W/R, U/S, RSVD or I/D.</summary>
    CodeLacksPresent,

    /// <summary>The first of five: an error code has P, W/R, U/S, RSVD or I/D too much.</summary>
    CodeHasPresent = CodeLacksPresent + 5,

    /// <summary>The first of four, one a level from 1 up: A is clear.</summary>
    AccessedClear = CodeHasPresent + 5,

    /// <summary>The first of four: A is set.</summary>
    AccessedSet = AccessedClear + 4,

    /// <summary>The first of four: D is clear.</summary>
    DirtyClear = AccessedSet + 4,

    /// <summary>The first of four: D is set.</summary>
    DirtySet = DirtyClear + 4,

    /// <summary>How many there are.</summary>
    Count = DirtySet + 4,
}

/// <summary>Where and why an access is predicted to end. Names go to the console; <see cref="DifferenceLog"/> has them in this order.</summary>
internal enum Ending
{
    /// <summary>It succeeds.</summary>
    Done = 0,

    /// <summary>An entry isn't present.</summary>
    Absent,

    /// <summary>An entry has a reserved bit set.</summary>
    Reserved,

    /// <summary>The rights of all levels together don't allow it.</summary>
    Denied,

    /// <summary>CR3 can't be loaded.</summary>
    LoadFault,

    /// <summary>In IA-32: an entry maps 4 MiB beyond the physical-address width (PSE-36), which is reserved, too.</summary>
    BeyondWidth,

    /// <summary>In PAE: as the directory-pointer registers say; the entry in memory was changed and says otherwise.</summary>
    Held,

    /// <summary>How many there are.</summary>
    Count,
}
