using Ringfence.Machine;

namespace Ringfence.Kernel;

/// <summary>The first kernel thread: runs the image's components, or its kernel module, and ends the machine.</summary>
public static class MainThread
{
    /// <summary>Body of the thread.</summary>
    public static void Run(nint argument)
    {
        nuint module = ImageTable.Description.KernelModule;
        int status = module != 0 ? KernelMemory.Call(module) : Supervisor.Run();
        if (module == 0)
        {
            ClosingReport.Write();
        }

        KernelConsole.Write("kernel  the machine ends with exit status "u8);
        KernelConsole.WriteDecimal(status);
        KernelConsole.Write("\n"u8);
        KernelConsole.StopBuffering();
        DebugExit.Exit(status);
    }
}
