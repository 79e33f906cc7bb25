// The page tables that the image file holds, walked by a simulated processor as it would walk them from the boot entry on, page by page against what the
// map says the regions may be used for. The guest's own audit judges by the regions that the builder wrote; this judges the builder.

using Ringfence.Simulator;

namespace Ringfence.Sdk.Tests;

public sealed class ImagePageTableTests
{
    private const ulong Present = 1;
    private const ulong Writable = 2;
    private const ulong User = 4;
    private const ulong Global = 0x100;
    private const ulong FirstFrameBit = 0x1000;
    private const ulong ExecuteDisable = 1ul << 63;

    // Beyond every table of these images.
    private const ulong ScanEnd = 16 * 1024 * 1024;

    public static TheoryData<string, string> Images
    {
        get
        {
            TheoryData<string, string> images = [];
            foreach (string format in (string[])["x86-64", "pae", "ia32"])
            {
                images.Add("Sound", format);
                images.Add("Sound", format + "_per-domain_kpti");
                images.Add("Sound", format + "_leaf-link");
                images.Add("Fences", format);
            }

            return images;
        }
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void Every_page_of_the_tables_in_the_file_has_the_rights_of_its_region_and_nothing_else_is_mapped(string name, string folder)
    {
        BuiltImage image = new(name, folder);
        Assert.Null(FirstDifference(image));
        Assert.True(image.MappedEnd < ScanEnd);
        Assert.Null(image.Expected(0));
        foreach (ulong high in (ulong[])[1ul << 30, (1ul << 32) - BuiltImage.PageSize, 1ul << 39, 0xFFFF_8000_0000_0000, ulong.MaxValue - BuiltImage.PageSize + 1])
        {
            Assert.False(Processor(image).TryTranslate(high, out _));
        }
    }

    // Checked too by planting mistakes in the builder: kernel text mapped writable, the view executable, a stack without its guard, components' text open to user mode.
    [Theory]
    [MemberData(nameof(Images))]
    public void A_single_wrong_bit_in_a_leaf_is_noticed(string name, string folder)
    {
        BuiltImage image = new(name, folder);
        string component = name == "Sound" ? "Reader" : "Meter";
        ulong[] pages =
        [
            image.StartOf("kernel.text"), image.StartOf("kernel.readonly"), image.StartOf("kernel.data"), image.StartOf("page-tables"),
            image.StartOf(component + ".text"), image.StartOf(component + ".statics"), image.UserStackOf(1), image.UserStackOf(1) - (2 * BuiltImage.PageSize),
            image.ViewOf(image.StartOf(component + ".statics")), image.ViewOf(image.UserStackOf(1)),
        ];
        ulong[] bits = image.Format == "ia32" ? [Present, Writable, User, Global, FirstFrameBit] : [Present, Writable, User, Global, FirstFrameBit, ExecuteDisable];
        foreach (ulong page in pages)
        {
            ulong entry = LeafEntryOf(image, page);
            foreach (ulong bit in bits)
            {
                Flip(image, entry, bit);
                Assert.True(FirstDifference(image) is not null, $"bit 0x{bit:x} of the leaf of page 0x{page:x}");
                Flip(image, entry, bit);
            }
        }

        // A guard that leads somewhere, the user stack that the main thread doesn't have, and page 0.
        foreach (ulong page in (ulong[])[image.UserStackOf(0), image.UserStackOf(1) - BuiltImage.PageSize, image.ViewOf(image.StartOf(component + ".text")) - BuiltImage.PageSize, 0])
        {
            Flip(image, LeafEntryOf(image, page), Present | image.StartOf("kernel.data"));
            Assert.NotNull(FirstDifference(image));
            Flip(image, LeafEntryOf(image, page), Present | image.StartOf("kernel.data"));
        }

        Assert.Null(FirstDifference(image));
    }

    // A grant writes leaves alone.
    [Theory]
    [MemberData(nameof(Images))]
    public void No_upper_entry_withholds_what_a_grant_will_give(string name, string folder)
    {
        BuiltImage image = new(name, folder);
        int granted = 0;
        for (ulong page = 0; page < image.MappedEnd; page += BuiltImage.PageSize)
        {
            if (image.Expected(page) is not { Grantable: true })
            {
                continue;
            }

            granted++;
            ulong entry = LeafEntryOf(image, page);
            Flip(image, entry, image.Format == "ia32" ? User | Writable : User | Writable | ExecuteDisable);
            foreach (AccessKind kind in Enum.GetValues<AccessKind>())
            {
                Assert.True(Processor(image).Access(new MemoryAccess(page, kind, IsUser: true)).Succeeded, $"{kind} of page 0x{page:x}");
            }
        }

        Assert.NotEqual(0, granted);
    }

    private static string? FirstDifference(BuiltImage image)
    {
        StrictMmu processor = Processor(image);
        for (ulong page = 0; page < ScanEnd; page += BuiltImage.PageSize)
        {
            ExpectedPage? expected = image.Expected(page);
            bool isMapped = processor.TryTranslate(page, out CachedTranslation found);
            if (isMapped != expected is not null || (isMapped && (found.FrameAddress != expected!.Value.Physical || found.Global)))
            {
                return $"page 0x{page:x} leads to 0x{found.FrameAddress:x}, mapped: {isMapped}, global: {found.Global}; expected: {expected}";
            }

            foreach (AccessKind kind in Enum.GetValues<AccessKind>())
            {
                bool may = expected is { } rights && (kind == AccessKind.Read
                    || (kind == AccessKind.Write ? rights.Writable : rights.Executable || image.Format == "ia32"));
                if (processor.Access(new MemoryAccess(page, kind, IsUser: false)).Succeeded != may)
                {
                    return $"the kernel's {kind} of page 0x{page:x} should succeed: {may}";
                }

                if (processor.Access(new MemoryAccess(page, kind, IsUser: true)).Succeeded)
                {
                    return $"user mode's {kind} of page 0x{page:x} succeeds";
                }
            }
        }

        return null;
    }

    private static StrictMmu Processor(BuiltImage image)
    {
        StrictMmu processor = new(image.Memory, new ProcessorSettings
        {
            Mode = image.Format switch { "ia32" => PagingMode.ThirtyTwoBit, "pae" => PagingMode.Pae, _ => PagingMode.FourLevel },
        });
        Assert.True(processor.LoadCr3(image.Root));
        return processor;
    }

    private static ulong LeafEntryOf(BuiltImage image, ulong page)
    {
        (int entryBytes, int[] indexBits) = image.Format switch { "ia32" => (4, [10, 10]), "pae" => (8, [2, 9, 9]), _ => (8, (int[])[9, 9, 9, 9]) };
        ulong table = image.Root;
        int shift = 12 + indexBits.Sum();
        for (int level = 0; ; level++)
        {
            shift -= indexBits[level];
            ulong entry = table + (((page >> shift) & ((1ul << indexBits[level]) - 1)) * (ulong)entryBytes);
            if (level == indexBits.Length - 1)
            {
                return entry;
            }

            table = (entryBytes == 4 ? image.Memory.Read32(entry) : image.Memory.Read64(entry)) & 0x000F_FFFF_FFFF_F000;
        }
    }

    private static void Flip(BuiltImage image, ulong entry, ulong bits)
    {
        if (image.Format == "ia32")
        {
            image.Memory.Write32(entry, image.Memory.Read32(entry) ^ (uint)bits);
        }
        else
        {
            image.Memory.Write64(entry, image.Memory.Read64(entry) ^ bits);
        }
    }
}
