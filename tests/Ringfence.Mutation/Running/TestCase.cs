// The tests, found and run by reflection: starting a test runner for each mutant would take hours.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Ringfence.Mutation.Running;

/// <summary>One test with its arguments.</summary>
internal sealed record TestCase(Type Class, MethodInfo Method, object?[] Values)
{
    /// <summary>Whether it searches for a counterexample, for seconds and not for moments.</summary>
    public bool IsSearch => s_searches.Any(name => Class.Name.EndsWith(name, StringComparison.Ordinal));

    /// <summary>The name under which it is reported.</summary>
    public string Name => $"{Class.Name}.{Method.Name}{(Values.Length == 0 ? string.Empty : $"({string.Join(", ", Values)})")}";

    // They read the compiled assembly, or a file beside it: a library that can be switched is another assembly elsewhere.
    private static readonly string[] s_classesLeftOut = ["LibraryShapeTests", "ReadmeFigureTests"];

    private static readonly string[] s_searches = ["ExhaustiveTests", "CommonTablePropertyTests", "RandomProgramTests", "StrategyEquivalenceTests"];

    // Tests of the checks themselves, which fail when a second mistake hides the one that was put in. That is no way to notice a mutant.
    private const string PutInOnPurpose = "mistake";

    /// <summary>The tests of the assemblies that can notice a mutant, always in the same order.</summary>
    public static IReadOnlyList<TestCase> Find(IEnumerable<Assembly> assemblies) =>
    [
        .. assemblies.SelectMany(static assembly => assembly.GetExportedTypes())
            .Where(static type => !s_classesLeftOut.Contains(type.Name))
            .Where(static type => type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false })
            .OrderBy(static type => type.FullName, StringComparer.Ordinal)
            .SelectMany(OfClass),
    ];

    /// <summary>What static fields of tests take from the library, they take before a mutant is switched on.</summary>
    public static void InitialiseStatics(IEnumerable<Assembly> assemblies)
    {
        foreach (Type type in assemblies.SelectMany(static assembly => assembly.GetTypes()))
        {
            for (Type? known = type; known is not null && known != typeof(object) && !known.ContainsGenericParameters; known = known.BaseType)
            {
                RuntimeHelpers.RunClassConstructor(known.TypeHandle);
            }
        }
    }

    /// <summary>Runs it.</summary>
    /// <exception cref="Exception">It fails.</exception>
    public void Run()
    {
        object instance = Activator.CreateInstance(Class)!;
        try
        {
            Method.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, Values, CultureInfo.InvariantCulture);
        }
        finally
        {
            (instance as IDisposable)?.Dispose();
        }
    }

    private static IEnumerable<TestCase> OfClass(Type type)
    {
        foreach (MethodInfo method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(static method => !method.Name.Contains(PutInOnPurpose, StringComparison.OrdinalIgnoreCase))
            .OrderBy(static method => method.Name, StringComparer.Ordinal))
        {
            List<CustomAttributeData> attributes = [.. method.GetCustomAttributesData()];
            if (attributes.Any(static attribute => attribute.AttributeType.FullName is "Xunit.FactAttribute"))
            {
                yield return new TestCase(type, method, []);
            }

            if (attributes.Any(static attribute => attribute.AttributeType.FullName is "Xunit.TheoryAttribute"))
            {
                foreach (CustomAttributeData row in attributes.Where(static attribute => attribute.AttributeType.GetInterface("Xunit.v3.IDataAttribute") is not null))
                {
                    yield return new TestCase(type, method, ReadRow(method, row));
                }
            }
        }
    }

    private static object?[] ReadRow(MethodInfo method, CustomAttributeData row) => row.AttributeType.FullName == "Xunit.InlineDataAttribute"
        ? [.. ((IEnumerable<CustomAttributeTypedArgument>)row.ConstructorArguments[0].Value!).Zip(method.GetParameters(), Convert)]
        : throw new NotSupportedException($"{method.DeclaringType}.{method.Name}: {row.AttributeType} is not known here");

    private static object? Convert(CustomAttributeTypedArgument argument, ParameterInfo parameter) =>
        parameter.ParameterType.IsEnum ? Enum.ToObject(parameter.ParameterType, argument.Value!)
        : argument.Value is IConvertible ? System.Convert.ChangeType(argument.Value, parameter.ParameterType, CultureInfo.InvariantCulture)
        : argument.Value;
}
