namespace Ringfence.Kernel;

/// <summary>
/// What an image can have. The image builder knows, and the compiler takes its word for what these return (src/Ringfence.Sdk/ImageBuilder/Compilation/KernelContent.cs): code for what an image can't have isn't in it.
/// What stands here is true of every image.
/// </summary>
internal static class ImageFeatures
{
    /// <summary>Whether there can be semaphores.</summary>
    internal static bool HasSemaphores => true;

    /// <summary>Whether there can be message queues.</summary>
    internal static bool HasMessageQueues => true;

    /// <summary>Whether there can be serial ports for components.</summary>
    internal static bool HasSerialPorts => true;

    /// <summary>Whether there can be kernel objects at all.</summary>
    internal static bool HasObjects => true;

    /// <summary>Whether a kernel module runs in place of the supervisor.</summary>
    internal static bool HasModule => Machine.ImageTable.Description.KernelModule != 0;
}
