using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using ModbusServer.Protocol;
using Xunit;

namespace Ringfence.Modbus.Tests.Protocol;

public sealed class RegisterServerTests
{
    private static readonly int[] s_counts = [0, 1, 2, 63, 64, 65, 122, 123, 124, 125, 126, 127, 128, 255, 256, 0x7FFF, 0x8000, 0x8001, 0xFFFF];

    private static readonly byte[] s_functions = [3, 4, 6, 16];

    public static TheoryData<int> BankSizes => [1, 64, 125, 300, 65_536];

    [Fact]
    public void Every_function_that_the_server_does_not_have_is_answered_with_exception_1_whatever_follows_it()
    {
        for (int function = 0; function < 256; function++)
        {
            foreach (int byteCount in new[] { 1, 2, 5, 6, 253 })
            {
                byte[] request = Enumerable.Repeat((byte)1, byteCount).ToArray();
                request[0] = (byte)function;
                byte[] answer = Check(request, 64);
                Assert.Equal(function is not (3 or 4 or 6 or 16), answer is [_, 1] && answer[0] == (function | 0x80));
            }
        }
    }

    [Theory]
    [MemberData(nameof(BankSizes))]
    public void Reads_of_every_count_at_every_border_are_answered_as_the_standard_says(int bankSize)
    {
        foreach (byte function in new byte[] { 3, 4 })
        {
            foreach (int count in s_counts)
            {
                foreach (int address in Borders(bankSize, count))
                {
                    Check([function, .. Word(address), .. Word(count)], bankSize);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(BankSizes))]
    public void Writes_of_one_register_at_every_border_are_answered_as_the_standard_says(int bankSize)
    {
        foreach (int address in Borders(bankSize, 1))
        {
            Check([6, .. Word(address), 0xAB, 0xCD], bankSize);
        }
    }

    [Theory]
    [MemberData(nameof(BankSizes))]
    public void Writes_of_many_registers_with_every_count_and_every_byte_count_are_answered_as_the_standard_says(int bankSize)
    {
        foreach (int count in s_counts)
        {
            // Every byte count with as many bytes behind it, as far as a request can be that long.
            for (int byteCount = 0; byteCount <= 247; byteCount++)
            {
                // In the largest bank, which takes its time, only the one that may be right.
                if (bankSize == 65_536 && byteCount != (byte)(2 * count))
                {
                    continue;
                }

                foreach (int address in Borders(bankSize, count))
                {
                    Check([16, .. Word(address), .. Word(count), (byte)byteCount, .. Values(byteCount)], bankSize);
                }
            }
        }
    }

    [Fact]
    public void A_request_that_is_shorter_or_longer_than_its_fields_imply_is_answered_with_exception_3_and_nothing_is_written()
    {
        byte[][] whole = [[3, 0, 1, 0, 2], [4, 0, 1, 0, 2], [6, 0, 1, 0xAB, 0xCD], [16, 0, 1, 0, 2, 4, 1, 2, 3, 4]];
        foreach (byte[] request in whole)
        {
            for (int byteCount = 1; byteCount <= 253; byteCount++)
            {
                byte[] answer = Check([.. request.Take(byteCount), .. Values(Math.Max(0, byteCount - request.Length))], 64);
                Assert.Equal(byteCount != request.Length, answer is [_, 3] && answer[0] == (request[0] | 0x80));
            }
        }
    }

    [Fact]
    public void A_byte_count_that_contradicts_the_count_or_the_bytes_is_answered_with_exception_3()
    {
        for (int count = 1; count <= 123; count++)
        {
            for (int byteCount = 0; byteCount < 256; byteCount++)
            {
                byte[] answer = Check([16, 0, 0, .. Word(count), (byte)byteCount, .. Values(2 * count)], 123);
                Assert.Equal(byteCount != 2 * count, answer is [0x90, 3]);
            }
        }
    }

    [Fact]
    public void Any_sequence_of_any_requests_is_answered_as_the_standard_says()
    {
        Gen<byte[]> any = Gen.Byte.Array[1, 253];
        Gen<byte[]> sensible = Gen.Select(
            Gen.Int[0, 3].Select(static index => s_functions[index]), Gen.Int[0, 70], Gen.Int[0, 10], static (function, address, count) => (byte[])(function == 16
                ? [16, .. Word(address), .. Word(count), (byte)(2 * count), .. Values(2 * count)]
                : [function, .. Word(address), .. Word(count)]));
        Gen.OneOf(any, sensible).Array[1, 20].Sample(static requests =>
        {
            (RegisterModel model, ushort[] holding, ushort[] input) = Banks(64);
            foreach (byte[] request in requests)
            {
                Compare(request, model, holding, input);
            }
        });
    }

    private static byte[] Check(byte[] request, int bankSize)
    {
        (RegisterModel model, ushort[] holding, ushort[] input) = Banks(bankSize);
        return Compare(request, model, holding, input);
    }

    // The answer and what is in the registers afterwards are the model's.
    private static byte[] Compare(byte[] request, RegisterModel model, ushort[] holding, ushort[] input)
    {
        byte[] room = new byte[RtuFrame.MaximumPduByteCount];
        int byteCount = new RegisterServer(holding, input).Serve(request, room);
        byte[] answer = room[..byteCount];
        byte[] expected = model.Answer(request);
        Assert.True(expected.AsSpan().SequenceEqual(answer), $"{Convert.ToHexString(request)}: {Convert.ToHexString(answer)}, not {Convert.ToHexString(expected)}");
        Assert.True(model.Holding.AsSpan().SequenceEqual(holding), $"{Convert.ToHexString(request)}: holding registers differ");
        Assert.True(model.Input.AsSpan().SequenceEqual(input), $"{Convert.ToHexString(request)}: input registers differ");
        return answer;
    }

    private static (RegisterModel Model, ushort[] Holding, ushort[] Input) Banks(int size)
    {
        ushort[] holding = [.. Enumerable.Range(0, size).Select(static address => (ushort)(address * 259))];
        ushort[] input = [.. Enumerable.Range(0, size).Select(static address => (ushort)(0x8000 ^ address))];
        return (new([.. holding], [.. input]), holding, input);
    }

    private static IEnumerable<int> Borders(int bankSize, int count) => new[]
    {
        0, 1, bankSize - count - 1, bankSize - count, bankSize - count + 1, bankSize - 1, bankSize, bankSize + 1, 0x7FFF, 0x8000, 0xFFFF - count, 0xFFFE, 0xFFFF,
    }.Where(static address => address is >= 0 and <= 0xFFFF).Distinct();

    private static byte[] Word(int value) => [(byte)(value >> 8), (byte)value];

    private static IEnumerable<byte> Values(int byteCount) => Enumerable.Range(0, byteCount).Select(static index => (byte)(index + 17));
}
