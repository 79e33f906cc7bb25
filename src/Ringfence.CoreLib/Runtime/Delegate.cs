// C# needs the types to declare a delegate. Creating one allocates and is a link error; use a function pointer.
namespace System;

/// <summary>The base of all delegates.</summary>
public abstract class Delegate
{
    private protected Delegate()
    {
    }
}

/// <summary>The base that C# gives to every delegate type.</summary>
public abstract class MulticastDelegate : Delegate
{
    private protected MulticastDelegate()
    {
    }
}
