// Conversations of real clients with the server, attack included.

using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Ringfence.Emulation;
using Xunit;

namespace Ringfence.Modbus.Tests.Conversation;

public abstract class ClientTests(GuestFormat format)
{
    private const int RegisterCount = 64;
    private const int RequestCount = 1000;
    private const int RequestsPerAttack = 20;

    // Registers of the control loop's own that clients write: the model of the test knows them like all others.
    private const int RoundCount = 2;

    [Fact]
    public async Task A_user_with_mbpoll_reads_and_writes_registers_also_after_an_attack_and_sees_that_no_round_was_missed()
    {
        await using ModbusServerMachine server = await ModbusServerMachine.BootAsync(format, SerialConnection.PseudoTerminal);
        string device = await server.OpenDeviceAsync();

        // Function 3, then 6 and 16, which it uses for one value and for more, then 3 again.
        await ExpectAsync(device, "-r 1 -c 2", 215, 20);
        Assert.Contains("Written 1 references.", (await ModbusPoll.RunAsync(device, "-r 64", "4711")).Output, StringComparison.Ordinal);
        Assert.Contains("Written 3 references.", (await ModbusPoll.RunAsync(device, "-r 61", "7", "0", "65535")).Output, StringComparison.Ordinal);
        await ExpectAsync(device, "-r 61 -c 4", 7, 0, 65535, 4711);

        // Exceptions, as it words them: registers, functions and counts that aren't there.
        Assert.Contains("Illegal data address", (await ModbusPoll.RunAsync(device, "-r 64 -c 2")).Output, StringComparison.Ordinal);
        Assert.Contains("Illegal data address", (await ModbusPoll.RunAsync(device, "-r 65", "1")).Output, StringComparison.Ordinal);
        Assert.Contains("Illegal function", (await ModbusPoll.RunAsync(device, "-t 0 -r 1")).Output, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(device, RawLine.WithCheck(Attack.WithoutCheck), TestContext.Current.CancellationToken);
        await server.WaitForLivesAsync(2);
        Assert.Contains(" of Frame, domain 3, ended: page fault, ", server.Console, StringComparison.Ordinal);
        Assert.Contains("kernel  Frame is restarted with pristine statics, restart 1 of ", server.Console, StringComparison.Ordinal);

        // Nobody else noticed: what was written is there, and the loop, which runs on, missed nothing.
        await ExpectAsync(device, "-r 61 -c 4", 7, 0, 65535, 4711);
        int[] before = (await ModbusPoll.RunAsync(device, "-t 3:int -B -r 3 -c 3")).Values;
        int[] after = (await ModbusPoll.RunAsync(device, "-t 3:int -B -r 3 -c 3")).Values;
        Assert.True(after is [var rounds, 0, 1] && rounds > before[0] && before[0] > 0, $"{string.Join(", ", before)}; {string.Join(", ", after)}");
        Assert.Equal(1, server.CountLines("fault   thread "));
    }

    [Fact]
    public async Task A_thousand_requests_with_one_malicious_frame_in_twenty_get_every_answer_right_and_no_round_is_missed()
    {
        await using ModbusServerMachine server = await ModbusServerMachine.BootAsync(format, SerialConnection.PseudoTerminal);
        using ModbusLibrary client = new(await server.OpenDeviceAsync(), ModbusServerMachine.Unit);
        Random random = new(RequestCount);
        ushort[] model = new ushort[RegisterCount];
        model[0] = 215;
        model[1] = 20;
        int attackCount = 0;
        for (int request = 1; request <= RequestCount; request++)
        {
            if (request % RequestsPerAttack == 0)
            {
                attackCount++;
                client.SendRaw(Attack.WithoutCheck);
                await server.WaitForLivesAsync(1 + attackCount);
            }
            else
            {
                MakeRequest(client, model, random, $"request {request}");
            }
        }

        // Reads of everything close the account.
        Check(client, model, 0, RegisterCount, "at the end");
        ushort[] input = new ushort[8];
        Assert.Equal(0, client.ReadInput(0, input));
        Assert.Equal(RequestCount / RequestsPerAttack, attackCount);
        Assert.Equal([0, 0, 0, (ushort)attackCount], input[4..]);
        Assert.NotEqual(0, (input[RoundCount] << 16) + input[RoundCount + 1]);
        Assert.Equal(attackCount, server.CountLines("fault   thread "));
        Assert.Equal(attackCount, server.CountLines("kernel  Frame is restarted with pristine statics, restart "));
    }

    private static async Task ExpectAsync(string device, string options, params int[] values)
    {
        ModbusPoll poll = await ModbusPoll.RunAsync(device, options);
        Assert.True(poll.Values.AsSpan().SequenceEqual(values), poll.Output);
    }

    private static void MakeRequest(ModbusLibrary client, ushort[] model, Random random, string which)
    {
        int address = random.Next(RegisterCount);
        int count = random.Next(1, RegisterCount - address + 1);
        switch (random.Next(5))
        {
            case 0:
                model[address] = (ushort)random.Next(0x10000);
                Assert.True(client.WriteSingle(address, model[address]) == 0, which);
                break;
            case 1:
                ushort[] values = [.. Enumerable.Range(0, count).Select(_ => (ushort)random.Next(0x10000))];
                values.CopyTo(model, address);
                Assert.True(client.WriteMultiple(address, values) == 0, which);
                break;
            case 2:
                ushort[] input = new ushort[2];
                Assert.True(client.ReadInput(4, input) == 0 && input is [0, 0], which);
                break;
            case 3:
                Assert.True(client.ReadHolding(address, new ushort[RegisterCount + 1 - address]) == ModbusLibrary.IllegalDataAddress, which);
                break;
            default:
                Check(client, model, address, count, which);
                break;
        }
    }

    private static void Check(ModbusLibrary client, ushort[] model, int address, int count, string which)
    {
        ushort[] values = new ushort[count];
        Assert.True(client.ReadHolding(address, values) == 0, which);
        Assert.True(values.AsSpan().SequenceEqual(model.AsSpan(address, count)), $"{which}: registers {address} to {address + count - 1}");
    }
}
