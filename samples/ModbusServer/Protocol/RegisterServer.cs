// Carries requests out on two banks of registers. Checks come in the order of the standard's state diagrams: function, then count, byte count and length,
// then addresses; nothing is written unless all of them pass.

using System;
using System.Buffers.Binary;

namespace ModbusServer.Protocol;

/// <summary>A server's holding and input registers, for as long as a request takes.</summary>
/// <param name="holding">Clients read and write these.</param>
/// <param name="input">Clients read these.</param>
public readonly ref struct RegisterServer(Span<ushort> holding, ReadOnlySpan<ushort> input)
{
    private const int AddressOffset = 1;
    private const int CountOffset = 3;
    private const int ByteCountOffset = 5;
    private const int ValuesOffset = 6;
    private const int FixedRequestByteCount = 5;

    private readonly Span<ushort> _holding = holding;
    private readonly ReadOnlySpan<ushort> _input = input;

    /// <summary>Carries a request out.</summary>
    /// <param name="request">The request: at least the byte of its function.</param>
    /// <param name="answer">Receives the answer; room for <see cref="RtuFrame.MaximumPduByteCount"/> bytes.</param>
    /// <returns>Bytes of the answer.</returns>
    public int Serve(ReadOnlySpan<byte> request, Span<byte> answer) => request[0] switch
    {
        ModbusFunction.ReadHoldingRegisters => Read(request, _holding, answer),
        ModbusFunction.ReadInputRegisters => Read(request, _input, answer),
        ModbusFunction.WriteSingleRegister => WriteSingle(request, answer),
        ModbusFunction.WriteMultipleRegisters => WriteMultiple(request, answer),
        _ => Refuse(request[0], ModbusException.IllegalFunction, answer),
    };

    /// <summary>Writes the answer that a request isn't carried out.</summary>
    /// <returns>Bytes of the answer.</returns>
    public static int Refuse(byte function, ModbusException reason, Span<byte> answer)
    {
        answer[0] = (byte)(function | ModbusFunction.ExceptionBit);
        answer[1] = (byte)reason;
        return 2;
    }

    private static int Read(ReadOnlySpan<byte> request, ReadOnlySpan<ushort> bank, Span<byte> answer)
    {
        if (request.Length != FixedRequestByteCount || Word(request, CountOffset) is 0 or > ModbusFunction.MaximumReadCount)
        {
            return Refuse(request[0], ModbusException.IllegalDataValue, answer);
        }

        int address = Word(request, AddressOffset);
        int count = Word(request, CountOffset);
        if (address + count > bank.Length)
        {
            return Refuse(request[0], ModbusException.IllegalDataAddress, answer);
        }

        answer[0] = request[0];
        answer[1] = (byte)(2 * count);
        for (int index = 0; index < count; index++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(answer[(2 + (2 * index))..], bank[address + index]);
        }

        return 2 + (2 * count);
    }

    private int WriteSingle(ReadOnlySpan<byte> request, Span<byte> answer)
    {
        if (request.Length != FixedRequestByteCount)
        {
            return Refuse(request[0], ModbusException.IllegalDataValue, answer);
        }

        int address = Word(request, AddressOffset);
        if (address >= _holding.Length)
        {
            return Refuse(request[0], ModbusException.IllegalDataAddress, answer);
        }

        _holding[address] = Word(request, CountOffset); // the value, at the place where other requests have their count
        request.CopyTo(answer);
        return request.Length;
    }

    private int WriteMultiple(ReadOnlySpan<byte> request, Span<byte> answer)
    {
        if (request.Length < ValuesOffset || Word(request, CountOffset) is 0 or > ModbusFunction.MaximumWriteCount
            || request[ByteCountOffset] != 2 * Word(request, CountOffset) || request.Length != ValuesOffset + request[ByteCountOffset])
        {
            return Refuse(request[0], ModbusException.IllegalDataValue, answer);
        }

        int address = Word(request, AddressOffset);
        int count = Word(request, CountOffset);
        if (address + count > _holding.Length)
        {
            return Refuse(request[0], ModbusException.IllegalDataAddress, answer);
        }

        for (int index = 0; index < count; index++)
        {
            _holding[address + index] = Word(request, ValuesOffset + (2 * index));
        }

        request[..FixedRequestByteCount].CopyTo(answer);
        return FixedRequestByteCount;
    }

    private static ushort Word(ReadOnlySpan<byte> request, int offset) => BinaryPrimitives.ReadUInt16BigEndian(request[offset..]);
}
