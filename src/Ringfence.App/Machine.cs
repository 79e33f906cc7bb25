using System.Runtime;
using System.Runtime.CompilerServices;
using Ringfence.Abi;

namespace Ringfence.App;

/// <summary>What a component can ask about its surroundings.</summary>
public static class Machine
{
    /// <summary>Timer ticks since boot.</summary>
    public static ulong Ticks => (ulong)SystemCalls.Ticks();

    /// <summary>Timer ticks a second, as the image's build chose.</summary>
    public static uint TickFrequencyHertz => (uint)SystemCalls.TickFrequency();

    /// <summary>How often this component was restarted since boot. Its statics are pristine after a restart: this is all it knows of its past.</summary>
    public static int RestartCount => (int)SystemCalls.RestartCount();

    /// <summary>
    /// The processor's time-stamp counter. It counts something like cycles; under an emulator that counts instructions it is the number of
    /// instructions executed, which makes the price of a piece of code the same in every run.
    /// </summary>
    [RuntimeImport("*", "RingfenceTimeStamp")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadTimeStamp();
}
