// A finally block: harmless in a component, refused in the kernel.

using System.Runtime.CompilerServices;

namespace System.Runtime
{
    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class RuntimeExportAttribute : Attribute
    {
        public RuntimeExportAttribute(string entryPoint) => _ = entryPoint;
    }
}

namespace Handling
{
    internal static class Module
    {
        private static int s_depth;

        [System.Runtime.RuntimeExport("KernelModuleMain")]
        internal static void Run()
        {
            try
            {
                Work();
            }
            finally
            {
                s_depth--;
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void Work() => s_depth++;
    }
}
