using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Ringfence.Modbus.Tests.Conversation;

public sealed partial class AttackTests
{
    [Fact]
    public void The_bytes_that_the_help_tells_to_send_are_those_that_the_tests_attack_with()
    {
        string help = File.ReadAllText(Path.Combine(ModbusServerMachine.RepositoryRoot, "samples", "ModbusServer", "help.txt"));
        Match line = PrintLine().Match(help);
        Assert.True(line.Success, help);
        byte[] bytes = [.. line.Groups["bytes"].Value.Split('\\', StringSplitOptions.RemoveEmptyEntries).Select(static octal => Convert.ToByte(octal, 8))];
        Assert.Equal(RawLine.WithCheck(Attack.WithoutCheck), bytes);
    }

    [GeneratedRegex(@"^\s+printf '(?<bytes>(\\[0-7]{3})+)' >/dev/pts/N$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex PrintLine();
}
