// The calling conventions that a function pointer or an exported method can name.
namespace System.Runtime.CompilerServices;

/// <summary>The caller removes the arguments.</summary>
public class CallConvCdecl
{
}

/// <summary>The callee removes the arguments.</summary>
public class CallConvStdcall
{
}

/// <summary>The first arguments in registers.</summary>
public class CallConvFastcall
{
}

/// <summary>The first argument in a register.</summary>
public class CallConvThiscall
{
}

/// <summary>Called without telling the runtime.</summary>
public class CallConvSuppressGCTransition
{
}

/// <summary>The convention of C++ member functions.</summary>
public class CallConvMemberFunction
{
}
