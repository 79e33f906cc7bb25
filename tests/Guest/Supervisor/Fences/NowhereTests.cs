// Addresses at which nothing is mapped.

using Ringfence.Guest.Contracts;
using Ringfence.Kernel;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Guest.Supervisor;

internal static class NowhereTests
{
    [GuestTest]
    internal static void NothingIsMappedInPage0()
    {
        FenceCheck.ExpectAbsent(FenceCheck.ProbeDomain, 0, "address 0"u8);
        FenceCheck.ExpectAbsent(FenceCheck.ProbeDomain, PageSize.ByteCount - 1, "the last byte of page 0"u8);
    }

    [GuestTest]
    internal static void NothingIsMappedBelowTheImage() =>
        FenceCheck.ExpectAbsent(FenceCheck.ProbeDomain, ImageTable.Description.ImageStart - 1, "the byte before the image"u8);

    [GuestTest]
    internal static void NothingIsMappedBeyondTheKernelsView()
    {
        FenceCheck.ExpectAbsent(FenceCheck.ProbeDomain, AddressLayout.ViewEnd, "the first byte beyond the view"u8);
        FenceCheck.ExpectAbsent(FenceCheck.ProbeDomain, 0x4000_0000, "1 GiB"u8);
        FenceCheck.ExpectAbsent(FenceCheck.ProbeDomain, 0x8000_0000, "2 GiB"u8);
    }

    [GuestTest]
    internal static void NothingIsMappedAtTheTopOfTheAddressSpace()
    {
        FenceCheck.ExpectAbsent(FenceCheck.ProbeDomain, nuint.MaxValue, "the last byte"u8);
        FenceCheck.ExpectAbsent(FenceCheck.ProbeDomain, nuint.MaxValue - PageSize.ByteCount + 1, "the first byte of the last page"u8);
#if ARCHITECTURE_AMD64
        FenceCheck.ExpectAbsent(FenceCheck.ProbeDomain, unchecked((nuint)0x0000_7FFF_FFFF_FFFF), "the last byte of the lower half"u8);
        FenceCheck.ExpectAbsent(FenceCheck.ProbeDomain, unchecked((nuint)0xFFFF_8000_0000_0000), "the first byte of the upper half"u8);
#endif
    }

#if ARCHITECTURE_AMD64
    [GuestTest]
    internal static void AnAddressThatIsNotCanonicalIsAGeneralProtectionFault()
    {
        ExpectProtectionFault(unchecked((nuint)0x0000_8000_0000_0000));
        ExpectProtectionFault(unchecked((nuint)0xFFFF_7FFF_FFFF_FFFF));
        ExpectProtectionFault(unchecked((nuint)0x5A5A_5A5A_5A5A_5A5A));
    }

    private static void ExpectProtectionFault(nuint address)
    {
        for (ProbeOperation operation = ProbeOperation.Read; operation <= ProbeOperation.Execute; operation++)
        {
            int slot = FenceCheck.Attempt(FenceCheck.ProbeDomain, operation, address, 0x5A);
            Probe.ExpectException(slot, ExceptionVector.GeneralProtection, 0, "an address that isn't canonical"u8);
        }
    }
#endif
}
