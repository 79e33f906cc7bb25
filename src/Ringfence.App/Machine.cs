using Ringfence.Abi;

namespace Ringfence.App;

/// <summary>What a component can ask about its surroundings.</summary>
public static class Machine
{
    /// <summary>Timer ticks since boot.</summary>
    public static ulong Ticks => (ulong)Kernel.Call(SystemCall.Ticks);

    /// <summary>How often this component was restarted since boot. Its statics are pristine after a restart: this is all it knows of its past.</summary>
    public static int RestartCount => (int)Kernel.Call(SystemCall.RestartCount);
}
