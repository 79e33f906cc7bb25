// Every public type of the reference assembly System.Memory; a test compares the two lists.
using System.Reflection;
using System.Runtime.CompilerServices;

[assembly: AssemblyVersion("10.0.0.0")]
[assembly: TypeForwardedTo(typeof(System.Buffers.Binary.BinaryPrimitives))]
[assembly: TypeForwardedTo(typeof(System.MemoryExtensions))]
