// How the facades say where a type really is. C# wants a Type, which exists for this attribute's argument only.
namespace System
{
    /// <summary>What <c>typeof</c> yields. Types have no description at run time: <c>typeof</c> serves attributes only.</summary>
    public abstract class Type
    {
        internal Type()
        {
        }
    }
}

namespace System.Runtime.CompilerServices
{
    /// <summary>Says that a type of this name is in another assembly.</summary>
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true, Inherited = false)]
    public sealed class TypeForwardedToAttribute : Attribute
    {
        public TypeForwardedToAttribute(Type destination) => Destination = destination;

        public Type Destination { get; }
    }

    /// <summary>The element type and the count of a fixed buffer.</summary>
    [AttributeUsage(AttributeTargets.Field, Inherited = false)]
    public sealed class FixedBufferAttribute : Attribute
    {
        public FixedBufferAttribute(Type elementType, int length)
        {
            ElementType = elementType;
            Length = length;
        }

        public Type ElementType { get; }

        public int Length { get; }
    }
}
