// The methods that compiled code calls where .NET would throw: ILC 10.0 looks them up by these names in this type.
using System.Diagnostics.CodeAnalysis;
using Internal.Runtime;
using Internal.TypeSystem;
using Ringfence.CoreLib;

namespace Internal.TypeSystem
{
    /// <summary>ILC's number for a message. The messages themselves do not exist here.</summary>
    internal enum ExceptionStringID
    {
    }
}

namespace Internal.Runtime.CompilerHelpers
{
    /// <summary>Turns every failure that compiled code finds into its <see cref="FailureReason"/>.</summary>
    internal static class ThrowHelpers
    {
        [DoesNotReturn]
        internal static void ThrowIndexOutOfRangeException() => Failure.Raise(FailureReason.IndexOutOfRange);

        [DoesNotReturn]
        internal static void ThrowNullReferenceException() => Failure.Raise(FailureReason.NullReference);

        [DoesNotReturn]
        internal static void ThrowDivideByZeroException() => Failure.Raise(FailureReason.DivideByZero);

        [DoesNotReturn]
        internal static void ThrowOverflowException() => Failure.Raise(FailureReason.Overflow);

        [DoesNotReturn]
        internal static void ThrowArgumentOutOfRangeException() => Failure.Raise(FailureReason.ArgumentOutOfRange);

        [DoesNotReturn]
        internal static void ThrowArgumentException() => Failure.Raise(FailureReason.Argument);

        [DoesNotReturn]
        internal static void ThrowInvalidCastException() => Failure.Raise(FailureReason.InvalidCast);

        [DoesNotReturn]
        internal static void ThrowArrayTypeMismatchException() => Failure.Raise(FailureReason.ArrayTypeMismatch);

        [DoesNotReturn]
        internal static void ThrowPlatformNotSupportedException() => Failure.Raise(FailureReason.NotSupported);

        [DoesNotReturn]
        internal static void ThrowNotImplementedException() => Failure.Raise(FailureReason.NotSupported);

        [DoesNotReturn]
        internal static void ThrowNotSupportedException() => Failure.Raise(FailureReason.NotSupported);

        [DoesNotReturn]
        internal static void ThrowNotSupportedInlineArrayEqualsGetHashCode() => Failure.Raise(FailureReason.NotSupported);

        [DoesNotReturn]
        internal static void ThrowBodyRemoved() => Failure.Raise(FailureReason.Other);

        [DoesNotReturn]
        internal static void ThrowFeatureBodyRemoved() => Failure.Raise(FailureReason.Other);

        [DoesNotReturn]
        internal static void ThrowInstanceBodyRemoved() => Failure.Raise(FailureReason.Other);

        [DoesNotReturn]
        internal static void ThrowUnavailableType() => Failure.Raise(FailureReason.Other);

        [DoesNotReturn]
        internal static void ThrowBadImageFormatException(ExceptionStringID id) => Failure.Raise(FailureReason.Other);

        [DoesNotReturn]
        internal static void ThrowTypeLoadException(ExceptionStringID id, string className, string typeName) =>
            Failure.Raise(FailureReason.Other);

        [DoesNotReturn]
        internal static void ThrowTypeLoadExceptionWithArgument(
            ExceptionStringID id, string className, string typeName, string messageArg) => Failure.Raise(FailureReason.Other);

        [DoesNotReturn]
        internal static void ThrowMissingMethodException(ExceptionStringID id, string methodName) => Failure.Raise(FailureReason.Other);

        [DoesNotReturn]
        internal static void ThrowMissingFieldException(ExceptionStringID id, string fieldName) => Failure.Raise(FailureReason.Other);

        [DoesNotReturn]
        internal static void ThrowFileNotFoundException(ExceptionStringID id, string fileName) => Failure.Raise(FailureReason.Other);

        [DoesNotReturn]
        internal static void ThrowInvalidProgramException(ExceptionStringID id) => Failure.Raise(FailureReason.Other);

        [DoesNotReturn]
        internal static void ThrowInvalidProgramExceptionWithArgument(ExceptionStringID id, string methodName) =>
            Failure.Raise(FailureReason.Other);

        [DoesNotReturn]
        internal static void ThrowMarshalDirectiveException(ExceptionStringID id) => Failure.Raise(FailureReason.Other);

        [DoesNotReturn]
        internal static void ThrowAmbiguousMatchException(ExceptionStringID id) => Failure.Raise(FailureReason.Other);
    }
}
