// The paging formats as the predictor knows them. Everything in this folder stands alone: the same files are compiled into guests without an operating
// system, so there is no allocation, no exception, no static data and no library here.

namespace Ringfence.Simulator.Prediction;

/// <summary>A paging format (Intel SDM vol. 3A 4.1.1).</summary>
public enum TableFormat
{
    /// <summary>32-bit paging: two levels of 4-byte entries.</summary>
    Ia32,

    /// <summary>PAE paging: two levels of 8-byte entries below four directory-pointer registers.</summary>
    Pae,

    /// <summary>4-level paging.</summary>
    FourLevel,

    /// <summary>5-level paging.</summary>
    FiveLevel,
}
