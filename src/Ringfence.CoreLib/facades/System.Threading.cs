// Every public type of the reference assembly System.Threading; a test compares the two lists.
using System.Reflection;
using System.Runtime.CompilerServices;

[assembly: AssemblyVersion("10.0.0.0")]
[assembly: TypeForwardedTo(typeof(System.Threading.Interlocked))]
[assembly: TypeForwardedTo(typeof(System.Threading.Volatile))]
