// Makes a semaphore that no component declares or creates.

using Ringfence.Kernel;

namespace System.Runtime
{
    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class RuntimeExportAttribute : Attribute
    {
        public RuntimeExportAttribute(string entryPoint) => _ = entryPoint;
    }
}

namespace Making
{
    internal static class Module
    {
        [System.Runtime.RuntimeExport("KernelModuleMain")]
        internal static int Run() => ObjectTable.CreateSemaphore(KernelObject.KernelBit, KernelObject.KernelBit, 0, 1);
    }
}
