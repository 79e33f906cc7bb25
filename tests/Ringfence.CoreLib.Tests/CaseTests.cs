// Runs every case over the ordinary .NET: the laws are .NET's, so they must hold there before they can judge the core library.
using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text;
using Ringfence.CoreLib.Cases;
using Xunit;

namespace Ringfence.CoreLib.Tests;

public sealed class CaseTests
{
    public static TheoryData<int, string> All
    {
        get
        {
            var data = new TheoryData<int, string>();
            for (int index = 0; index < CoreLibCases.Count; index++)
            {
                data.Add(index, NameOf(index));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_law_holds_on_the_ordinary_runtime(int index, string name) => Assert.True(CoreLibCases.Run(index), name);

    [Fact]
    public void The_dispatcher_lists_every_public_case_once()
    {
        var declared = typeof(CoreLibCases).Assembly.GetExportedTypes()
            .Where(type => type != typeof(CoreLibCases))
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Select(method => method.DeclaringType!.Name + "." + method.Name)
            .Order(StringComparer.Ordinal);
        var listed = Enumerable.Range(0, CoreLibCases.Count).Select(NameOf).Order(StringComparer.Ordinal);
        Assert.Equal(declared, listed);
    }

    [Fact]
    public void The_dispatcher_runs_the_case_it_names()
    {
        // Both switches are written by hand: read the one that calls from its source, where each arm shows number and method.
        string source = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "CoreLibCases.cs.txt"));
        for (int index = 0; index < CoreLibCases.Count; index++)
        {
            Assert.Contains($"        {index} => {NameOf(index)}(),", source, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_number_without_a_case_neither_passes_nor_has_a_name()
    {
        Assert.False(CoreLibCases.Run(-1));
        Assert.False(CoreLibCases.Run(CoreLibCases.Count));
        Assert.True(CoreLibCases.Name(CoreLibCases.Count).IsEmpty);
    }

    private static string NameOf(int index) => Encoding.UTF8.GetString(CoreLibCases.Name(index));
}
