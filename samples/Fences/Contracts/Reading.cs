namespace Fences.Contracts;

/// <summary>What the meter publishes and the display shows. The sequence is odd while the meter writes.</summary>
public struct Reading
{
    /// <summary>Counts writes: two a reading.</summary>
    public uint Sequence;

    /// <summary>Measurements so far.</summary>
    public uint MeasurementCount;

    /// <summary>The last measurement, in millivolts.</summary>
    public int Millivolts;

    /// <summary>Set by the meter when no more will come.</summary>
    public bool IsFinal;

    /// <summary>Where the meter keeps its calibration, "for the debugger". Passing a pointer to someone who can't follow it is half of the planted bug.</summary>
    public nuint CalibrationAddress;
}
