// The image builder matches this one by name; see Ringfence.Abi, to which this project doesn't refer.

namespace Ringfence.Machine;

/// <summary>The calls through function pointers in this method reach no other functions than those of the kernel that have the called signature and whose address is taken.</summary>
[System.AttributeUsage(System.AttributeTargets.Method)]
internal sealed class CallsThroughPointerAttribute : System.Attribute;
