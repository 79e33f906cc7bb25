// What analyzers and tools are told about code.
namespace System.Diagnostics.CodeAnalysis
{
    /// <summary>A reference into this struct may leave the call.</summary>
    [AttributeUsage(AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Parameter, Inherited = false)]
    public sealed class UnscopedRefAttribute : Attribute;

    /// <summary>A constructor that sets all required members.</summary>
    [AttributeUsage(AttributeTargets.Constructor, Inherited = false)]
    public sealed class SetsRequiredMembersAttribute : Attribute;

    /// <summary>An analyzer's finding that was judged.</summary>
    [AttributeUsage(AttributeTargets.All, AllowMultiple = true, Inherited = false)]
    public sealed class SuppressMessageAttribute : Attribute
    {
        public SuppressMessageAttribute(string category, string checkId)
        {
            Category = category;
            CheckId = checkId;
        }

        public string Category { get; }

        public string CheckId { get; }

        public string? Justification { get; set; }

        public string? MessageId { get; set; }

        public string? Scope { get; set; }

        public string? Target { get; set; }
    }

    /// <summary>Not measured by coverage tools.</summary>
    [AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Constructor | AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Event, Inherited = false)]
    public sealed class ExcludeFromCodeCoverageAttribute : Attribute
    {
        public string? Justification { get; set; }
    }

    /// <summary>May change or vanish.</summary>
    [AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Module | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Constructor | AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Event | AttributeTargets.Interface | AttributeTargets.Delegate, Inherited = false)]
    public sealed class ExperimentalAttribute : Attribute
    {
        public ExperimentalAttribute(string diagnosticId)
        {
            DiagnosticId = diagnosticId;
        }

        public string DiagnosticId { get; }

        public string? UrlFormat { get; set; }
    }

    /// <summary>The language of a string.</summary>
    [AttributeUsage(AttributeTargets.Field | AttributeTargets.Parameter | AttributeTargets.Property, Inherited = false)]
    public sealed class StringSyntaxAttribute : Attribute
    {
        public StringSyntaxAttribute(string syntax)
        {
            Syntax = syntax;
        }

        public string Syntax { get; }
    }

    /// <summary>The argument should be a constant.</summary>
    [AttributeUsage(AttributeTargets.Parameter, Inherited = false)]
    public sealed class ConstantExpectedAttribute : Attribute
    {
        public object? Min { get; set; }

        public object? Max { get; set; }
    }
}

namespace System.Diagnostics
{
    /// <summary>Calls are compiled only where a symbol is defined.</summary>
    [AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
    public sealed class ConditionalAttribute : Attribute
    {
        public ConditionalAttribute(string conditionString)
        {
            ConditionString = conditionString;
        }

        public string ConditionString { get; }
    }

    /// <summary>How a debugger shows a value.</summary>
    [AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Delegate, AllowMultiple = true)]
    public sealed class DebuggerDisplayAttribute : Attribute
    {
        public DebuggerDisplayAttribute(string? value)
        {
            Value = value;
        }

        public string? Value { get; }

        public string? Name { get; set; }

        public string? Type { get; set; }
    }

    /// <summary>A debugger steps over it.</summary>
    [AttributeUsage(AttributeTargets.Constructor | AttributeTargets.Method | AttributeTargets.Property, Inherited = false)]
    public sealed class DebuggerHiddenAttribute : Attribute;

    /// <summary>A debugger steps through it.</summary>
    [AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Constructor | AttributeTargets.Method, Inherited = false)]
    public sealed class DebuggerStepThroughAttribute : Attribute;

    /// <summary>Not the user's code to a debugger.</summary>
    [AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Constructor | AttributeTargets.Method | AttributeTargets.Property, Inherited = false)]
    public sealed class DebuggerNonUserCodeAttribute : Attribute;

    /// <summary>Left out of stack traces.</summary>
    [AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Constructor | AttributeTargets.Method, Inherited = false)]
    public sealed class StackTraceHiddenAttribute : Attribute;

    /// <summary>How a debugger shows a member.</summary>
    public enum DebuggerBrowsableState
    {
        Never = 0,
        Collapsed = 2,
        RootHidden = 3,
    }

    /// <summary>Whether a debugger shows a member.</summary>
    [AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
    public sealed class DebuggerBrowsableAttribute : Attribute
    {
        public DebuggerBrowsableAttribute(DebuggerBrowsableState state)
        {
            State = state;
        }

        public DebuggerBrowsableState State { get; }
    }

    /// <summary>How an assembly was compiled.</summary>
    [AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Module)]
    public sealed class DebuggableAttribute : Attribute
    {
        public DebuggableAttribute(DebuggingModes modes) => DebuggingFlags = modes;

        public DebuggableAttribute(bool isJITTrackingEnabled, bool isJITOptimizerDisabled) =>
            DebuggingFlags = (isJITTrackingEnabled ? DebuggingModes.Default : DebuggingModes.None)
                | (isJITOptimizerDisabled ? DebuggingModes.DisableOptimizations : DebuggingModes.None);

        /// <summary>What a just-in-time compiler should do.</summary>
        [Flags]
        public enum DebuggingModes
        {
            None = 0x0,
            Default = 0x1,
            IgnoreSymbolStoreSequencePoints = 0x2,
            EnableEditAndContinue = 0x4,
            DisableOptimizations = 0x100,
        }

        public DebuggingModes DebuggingFlags { get; }
    }
}

namespace System.ComponentModel
{
    /// <summary>Whether an editor offers a member.</summary>
    public enum EditorBrowsableState
    {
        Always = 0,
        Never = 1,
        Advanced = 2,
    }

    /// <summary>Whether an editor offers a member.</summary>
    [AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Constructor | AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Event | AttributeTargets.Delegate | AttributeTargets.Interface)]
    public sealed class EditorBrowsableAttribute : Attribute
    {
        public EditorBrowsableAttribute(EditorBrowsableState state)
        {
            State = state;
        }

        public EditorBrowsableAttribute()
        {
        }

        public EditorBrowsableState State { get; }
    }
}

namespace System.CodeDom.Compiler
{
    /// <summary>Written by a tool.</summary>
    [AttributeUsage(AttributeTargets.All, Inherited = false)]
    public sealed class GeneratedCodeAttribute : Attribute
    {
        public GeneratedCodeAttribute(string? tool, string? version)
        {
            Tool = tool;
            Version = version;
        }

        public string? Tool { get; }

        public string? Version { get; }
    }
}
