// Lists of table addresses: items side by side, each as wide as a register, and one written without its neighbours.

using Ringfence.Paging;
using Ringfence.Simulator;
using Ringfence.Testing;
using Xunit;

namespace Ringfence.Paging.Tests;

public abstract class TableAddressListTests<TFormat>
    where TFormat : struct, IPagingFormat
{
    private const ulong Place = 0x7000 + 0x40;
    private const int ItemCount = 5;

    private readonly SimulatedMachine<TFormat> _machine = new();

    [Fact]
    public void Items_lie_side_by_side_and_one_is_written_without_its_neighbours()
    {
        TableAddressList<TFormat, SimulatedTableMemory> list = new(_machine.Space, new TableAddress(new PhysicalAddress(Place)));
        TableAddressList<TFormat, SimulatedTableMemory> same = new(_machine.Space, new TableAddress(new PhysicalAddress(Place)));

        // Where a register has 64 bits a table may lie above 4 GiB.
        ulong above = TFormat.EntryWidth == EntryWidth.Bits64 ? 0xF_0000_0000ul : 0xF000_0000ul;
        _machine.ResetCounters();
        for (int index = ItemCount - 1; index >= 0; index--)
        {
            list.Write(index, Item(above, index));
        }

        Assert.Equal(ItemCount, _machine.StoreCount);
        list.Write(2, Item(above, 9));
        int byteCount = FormatGeometry<TFormat>.TableAddressByteCount;
        for (int index = 0; index < ItemCount; index++)
        {
            nuint expected = Item(above, index == 2 ? 9 : index).Value;
            Assert.Equal(expected, same.Read(index).Value);
            ulong at = Place + (ulong)(index * byteCount);
            Assert.Equal((ulong)expected, byteCount == 8 ? _machine.Memory.Read64(at) : _machine.Memory.Read32(at));
        }

        Assert.Equal((0u, 0u), (_machine.Memory.Read32(Place - 4), _machine.Memory.Read32(Place + (ulong)(ItemCount * byteCount))));
    }

    private static TableAddress Item(ulong above, int index) => new(new PhysicalAddress(above + ((ulong)index * 0x1000) + 0x1008));
}

public sealed class Ia32TableAddressListTests : TableAddressListTests<Ia32Format>;

public sealed class PaeTableAddressListTests : TableAddressListTests<PaeFormat>;

public sealed class FourLevelTableAddressListTests : TableAddressListTests<FourLevelFormat>;
