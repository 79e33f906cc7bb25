// Everything that the bare machine can't do and the C# compiler lets pass once the analyzers are silenced. The tests know the
// lines by their comments.

using System.Runtime;
using System.Runtime.CompilerServices;

namespace Offences;

internal class Thing
{
    public int Value;
}

internal static class Program
{
    private static int s_sum;

    internal static int Main()
    {
        AllocatesObject();
        AllocatesArray();
        Boxes();
        KeepsReference();
        NeedsConstructor();
        Catches();
        CallsNobody();
        Inlines();
        return s_sum;
    }

    private static void AllocatesObject()
    {
        s_sum++;
        Use(new Thing()); // line: object
    }

    private static void AllocatesArray()
    {
        s_sum++;
        Use(new int[s_sum]); // line: array
    }

    private static void Boxes()
    {
        s_sum++;
        Use((object)s_sum); // line: box
    }

    private static void KeepsReference() => s_sum += Kept.Length(null);

    private static unsafe void NeedsConstructor() => s_sum += Late.Value;

    private static void Catches() // line: catch
    {
        try
        {
            Use(1 / s_sum);
        }
        catch
        {
            s_sum = 0;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CallsNobody() => NoSuchFunction();

    [RuntimeImport("*", "no_such_function")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void NoSuchFunction();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Inlined() => Use(new Thing()); // line: inlined

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Inlines() => Inlined();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Use(object thing) => s_sum += thing == null ? 1 : 2;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Use(int number) => s_sum += number;
}

internal static class Kept
{
    private static Thing? s_thing;

    internal static int Length(Thing? thing)
    {
        int length = s_thing is null ? 0 : s_thing.Value;
        s_thing = thing;
        return length;
    }
}

internal static unsafe class Late
{
    internal static int Value = Read(); // line: constructor

    private static int Read()
    {
        int* nowhere = null;
        return *nowhere;
    }
}
