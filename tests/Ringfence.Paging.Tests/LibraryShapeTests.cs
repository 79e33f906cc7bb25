// What a kernel relies on about the library as a whole, read from the compiled assembly.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Reflection.Emit;
using System.Security;
using Xunit;

namespace Ringfence.Paging.Tests;

public class LibraryShapeTests
{
    private const BindingFlags All = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private static readonly Assembly s_library = typeof(PageNumber).Assembly;

    [Fact]
    public void There_is_no_static_state() =>
        Assert.Empty(s_library.GetTypes().SelectMany(type => type.GetFields(All)).Where(field => field.IsStatic && !field.IsLiteral).Select(field => $"{field.DeclaringType}.{field.Name}"));

    [Fact]
    public void There_is_no_unsafe_code() => Assert.Empty(s_library.Modules.SelectMany(module => module.GetCustomAttributes<UnverifiableCodeAttribute>()));

    [Fact]
    public void Nothing_is_allocated_and_nothing_thrown()
    {
        List<string> found = [];
        foreach (MethodBase method in s_library.GetTypes().SelectMany(type => type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All))))
        {
            foreach (OpCode code in Instructions(method))
            {
                // Object.Equals is the one place that unboxes; it boxes nothing.
                if (code == OpCodes.Newarr || code == OpCodes.Box || code == OpCodes.Throw || code == OpCodes.Rethrow)
                {
                    found.Add($"{method.DeclaringType}.{method.Name}: {code}");
                }
            }
        }

        Assert.Empty(found);
        Assert.DoesNotContain(s_library.GetTypes(), type => type.IsClass && !type.IsAbstract && !typeof(Attribute).IsAssignableFrom(type) && !type.FullName!.StartsWith('<'));
    }

    private static IEnumerable<OpCode> Instructions(MethodBase method)
    {
        Dictionary<int, OpCode> codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value, code => code);
        byte[] il = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        int at = 0;
        while (at < il.Length)
        {
            int value = il[at++];
            value = value == 0xFE ? (0xFE << 8) | il[at++] : value;
            OpCode code = codes[value];
            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
                _ => 4,
            };
            yield return code;
        }
    }
}
