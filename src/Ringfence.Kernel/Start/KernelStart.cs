// From the boot entry to the first thread. The order matters and is said here, once.

using System.Runtime;
using Ringfence.Machine;
using Ringfence.Paging;

namespace Ringfence.Kernel;

/// <summary>Brings the kernel up.</summary>
public static unsafe class KernelStart
{
    // Called by the boot entry: on the boot stack, interrupts off, the page tables of the image loaded.
    [RuntimeExport("KernelMain")]
    private static void Main(nuint bootInformation)
    {
        KernelConsole.Initialize();
        ref readonly ImageDescription image = ref ImageTable.Description;
        if (image.Version != ImageDescription.SupportedVersion)
        {
            Panic.Stop("the image's description has a layout this kernel doesn't know, version"u8, image.Version);
        }

        Scheduler.AdoptBootThread();
        DescriptorTables.Load(); // before it, a fault is a triple fault

        // The boot entry copied it to where the first thread will have its stack.
        if (!BootInformation.TryReadMemoryMap(bootInformation, out BootMemoryMap memory))
        {
            Panic.Stop("the loader gave no memory map"u8);
        }

        if (!memory.Contains(image.ImageStart, image.ImageEnd))
        {
            Panic.Stop("the machine has too little memory: the image ends at"u8, image.ImageEnd);
        }

        KernelSpace.Initialize();
        ProcessorFeatures features = ProcessorFeatures.Detect();
        features.Enable();
        BootReport.Write(in memory, in features);
#if AUDIT
        StackUse.PaintKernelStacks();
#endif

        Protection.Initialize();
        ComponentTable.Prepare();
        InterruptController.Initialize();
        KernelConsole.StartBuffering();
        if (ImageFeatures.HasObjects)
        {
            ObjectTable.Prepare(); // a serial port opens its interrupt line
        }

        Clock.Start();
        int main = ThreadLifecycle.CreateKernelThread(&MainThread.Run, 0, Abi.ThreadPriority.Most);
        ThreadLifecycle.Start(main);
        Scheduler.Idle();
    }
}
