// Every public type of the reference assembly System.Runtime.InteropServices; a test compares the two lists.
using System.Reflection;
using System.Runtime.CompilerServices;

[assembly: AssemblyVersion("10.0.0.0")]
[assembly: TypeForwardedTo(typeof(System.Runtime.InteropServices.CallingConvention))]
[assembly: TypeForwardedTo(typeof(System.Runtime.InteropServices.DllImportAttribute))]
[assembly: TypeForwardedTo(typeof(System.Runtime.InteropServices.UnmanagedCallersOnlyAttribute))]
