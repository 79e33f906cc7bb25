// What of the kernel an image has no use for is left out when the kernel is compiled: handlers of system calls that no component makes, and kernel objects where there can be none. The compiler is told so
// by a file of substitutions, in the form of .NET's trimming tools.

using System.Text;
using Ringfence.ImageBuilder.Linking;
using Ringfence.ImageBuilder.Metadata;

namespace Ringfence.ImageBuilder.Compilation;

/// <summary>What an image needs of the kernel.</summary>
/// <param name="Calls">The system calls that its components make.</param>
/// <param name="MayCreateObjects">Whether kernel objects can be created that are not declared.</param>
/// <param name="HasSemaphores">Whether there can be semaphores.</param>
/// <param name="HasMessageQueues">Whether there can be message queues.</param>
/// <param name="HasSerialPorts">Whether there can be serial ports for components.</param>
/// <param name="HasModule">Whether a kernel module runs in place of the supervisor.</param>
internal sealed record KernelContent(
    SystemCallUse Calls, bool MayCreateObjects, bool HasSemaphores, bool HasMessageQueues, bool HasSerialPorts, bool HasModule)
{
    /// <summary>The name's prefix under which the kernel exports the handler of a call.</summary>
    public const string HandlerPrefix = "KernelCall";

    private const string KernelAssembly = "Ringfence.Kernel";
    private const string FeaturesType = "ImageFeatures";

    /// <summary>Works out what an image needs.</summary>
    /// <param name="calls">The system calls that its components make.</param>
    /// <param name="objects">The kernel objects that they declare.</param>
    /// <param name="kernelAssemblies">The kernel's assemblies and those of modules.</param>
    public static KernelContent Of(SystemCallUse calls, IReadOnlyList<ImageObject> objects, IReadOnlyList<string> kernelAssemblies)
    {
        // A module is code of the kernel's own. What it can make an object with are these two types.
        bool isOpen = kernelAssemblies.Any(static assembly => ReferencedTypes.HasAny(assembly, KernelAssembly, "ObjectTable", "SerialLine"));
        bool mayCreate = isOpen || calls.IsMade(SystemCallUse.CreateSemaphore);
        return new KernelContent(
            calls,
            mayCreate,
            mayCreate || Has(DeclaredObjects.Semaphore),
            isOpen || Has(DeclaredObjects.MessageQueue),
            isOpen || Has(DeclaredObjects.SerialPort),
            ExportedMethods.Read(kernelAssemblies).Any(static export => export.Symbol == ImageLinker.ModuleEntry));

        bool Has(string kind) => objects.Any(made => made.Kind == kind);
    }

    /// <summary>The substitutions.</summary>
    public string Substitutions(IReadOnlyList<string> kernelAssemblies)
    {
        StringBuilder text = new($"<linker>\n<assembly fullname=\"{KernelAssembly}\">\n<type fullname=\"{KernelAssembly}.{FeaturesType}\">\n");
        AppendFeature("HasSemaphores", HasSemaphores);
        AppendFeature("HasMessageQueues", HasMessageQueues);
        AppendFeature("HasSerialPorts", HasSerialPorts);
        AppendFeature("HasObjects", HasSemaphores || HasMessageQueues || HasSerialPorts);
        if (HasModule)
        {
            AppendFeature("HasModule", value: true); // else the image's description says: one in assembly isn't seen here
        }

        text.Append("</type>\n");
        foreach (ExportedMethod handler in ExportedMethods.Read(kernelAssemblies).Where(IsUnused))
        {
            string parameters = string.Join(',', Enumerable.Repeat("System.IntPtr", handler.ParameterCount));
            text.Append($"<type fullname=\"{handler.Type}\"><method signature=\"System.Int64 {handler.Name}({parameters})\" body=\"remove\" /></type>\n");
        }

        return text.Append("</assembly>\n</linker>\n").ToString();

        void AppendFeature(string name, bool value) =>
            text.Append($"<method signature=\"System.Boolean get_{name}()\" body=\"stub\" value=\"{(value ? "true" : "false")}\" />\n");
    }

    private bool IsUnused(ExportedMethod method) =>
        method.Symbol.StartsWith(HandlerPrefix, StringComparison.Ordinal) && !Calls.IsMade(method.Symbol[HandlerPrefix.Length..]);
}
