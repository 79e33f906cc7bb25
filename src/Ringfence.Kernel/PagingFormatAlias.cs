// The kernel is compiled once per paging format; everything generic over a format closes over this alias, so that an image
// holds the code of its own format only.

#if FORMAT_X86_64
global using PagingFormat = Ringfence.Paging.FourLevelFormat;
#elif FORMAT_PAE
global using PagingFormat = Ringfence.Paging.PaeFormat;
#elif FORMAT_IA32
global using PagingFormat = Ringfence.Paging.Ia32Format;
#else
#error Set RingfenceFormat to x86-64, pae or ia32.
#endif
