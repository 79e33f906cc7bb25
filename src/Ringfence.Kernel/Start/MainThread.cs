using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>The first kernel thread: runs the image's components, or its kernel module, and ends the machine.</summary>
public static class MainThread
{
    /// <summary>Body of the thread.</summary>
    public static void Run(nint argument)
    {
        int status;
        if (ImageFeatures.HasModule)
        {
            status = KernelMemory.Call(ImageTable.Description.KernelModule);
        }
        else
        {
            status = Supervisor.Run();
            ClosingReport.Write();
        }

        KernelConsole.Write("kernel  the machine ends with exit status "u8);
        KernelConsole.WriteDecimal(status);
        KernelConsole.Write("\n"u8);
        KernelConsole.StopBuffering();
        DebugExit.Exit(status);
    }
}
