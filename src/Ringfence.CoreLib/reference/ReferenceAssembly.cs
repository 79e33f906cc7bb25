// The version that references to the ordinary .NET 10 carry.
using System.Reflection;
using System.Runtime.CompilerServices;

[assembly: AssemblyVersion("10.0.0.0")]
[assembly: ReferenceAssembly]
