// States in which all flags of all levels vary at once. There are far too many to count through, so these are chosen: such that every combination of values of any
// few conditions occurs, which is shown by algebra and not by chance.

namespace Ringfence.Simulator.Prediction;

/// <summary>
/// An orthogonal array over the bits of a state: among its rows, any <see cref="Strength"/> bits take all their combinations of values, each equally often.
/// <para>Bit f of the state gets the column (1, x, x^3, x^5, ...) where x is element f of GF(64); a row is a vector r, and the bit is the inner product of both. By the
/// bound of BCH codes any 2e + 1 such columns with e powers are linearly independent, which is what strength 2e + 1 means (Hedayat, Sloane, Stufken:
/// Orthogonal Arrays, chapter 5). Rows are linear in r: a row is the exclusive or of basis rows.</para>
/// </summary>
/// <param name="processor">The processor.</param>
/// <param name="powers">Number of powers, 1 to 4: strength 3, 5, 7 or 9; 128, 8,192, 524,288 or 33,554,432 rows.</param>
public readonly struct CoveringArray(PredictedProcessor processor, int powers)
{
    // Degree of GF(64), and its modulus x^6 + x + 1.
    private const int FieldDegree = 6;
    private const uint FieldModulus = 0x43;

    // Bits of a state that take part: access, control bits, flags of five levels. Elements of the field are told apart by six bits, so there is room for 64.
    private const int FactorCount = 54;

    private readonly PredictedProcessor _processor = processor;

    /// <summary>How many bits can be chosen so that all their combinations occur.</summary>
    public int Strength => (2 * powers) + 1;

    /// <summary>How many basis rows there are.</summary>
    public int BasisCount => 1 + (FieldDegree * powers);

    /// <summary>How many rows there are.</summary>
    public long Count => 1L << BasisCount;

    /// <summary>
    /// A basis row. Counting rows in the order of a Gray code, row n differs from the one before by the basis row whose number is the number of zeros at the end of n:
    /// one exclusive or a state, for who keeps the basis.
    /// </summary>
    /// <param name="index">0 to <see cref="BasisCount"/> - 1.</param>
    public AccessState Basis(int index)
    {
        ulong meaningful = MeaningfulBits();
        ulong row = 0;
        for (int factor = 0; factor < FactorCount; factor++)
        {
            row |= (ulong)((Column((uint)factor) >> index) & 1) << factor;
        }

        return new AccessState(row & meaningful);
    }

    /// <summary>A row.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public AccessState this[long index]
    {
        get
        {
            ulong row = 0;
            for (int basis = 0; basis < BasisCount; basis++)
            {
                row ^= ((index >> basis) & 1) != 0 ? Basis(basis).Bits : 0;
            }

            return new AccessState(row);
        }
    }

    /// <summary>The bits of a state that the format has.</summary>
    public ulong MeaningfulBits()
    {
        AccessState all = default(AccessState).With(_processor.MeaningfulConditions, (Probe)7);
        for (int level = 1; level <= _processor.LevelCount; level++)
        {
            all = all.WithFlags(level, _processor.MeaningfulFlags);
        }

        return all.Bits;
    }

    private uint Column(uint element)
    {
        uint column = 1;
        uint square = Multiply(element, element);
        uint power = element;
        for (int index = 0; index < powers; index++)
        {
            column |= power << (1 + (FieldDegree * index));
            power = Multiply(power, square);
        }

        return column;
    }

    private static uint Multiply(uint left, uint right)
    {
        uint product = 0;
        for (int bit = 0; bit < FieldDegree; bit++)
        {
            product ^= ((right >> bit) & 1) != 0 ? left << bit : 0;
        }

        for (int bit = (2 * FieldDegree) - 2; bit >= FieldDegree; bit--)
        {
            product ^= ((product >> bit) & 1) != 0 ? FieldModulus << (bit - FieldDegree) : 0;
        }

        return product;
    }
}
