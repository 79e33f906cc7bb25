// The line as it is: bytes out, bytes in, at a Unix socket. Its CRC is written down a second time.

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Ringfence.Modbus.Tests.Conversation;

/// <summary>A client that sends what no proper client would.</summary>
internal sealed class RawLine : IDisposable
{
    // After this the server has most certainly seen the end of a frame; if not, a request that is swallowed is made again.
    private static readonly TimeSpan s_silence = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(10);
    private const int AttemptLimit = 5;

    private readonly DirectoryInfo _folder;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private RawLine(DirectoryInfo folder) => _folder = folder;

    /// <summary>Boots a server and connects.</summary>
    public static async Task<(ModbusServerMachine Server, RawLine Line)> OpenAsync(Emulation.GuestFormat format, Emulation.MachineType? type = null)
    {
        var line = new RawLine(Directory.CreateTempSubdirectory("ringfence-modbus-"));
        string path = Path.Combine(line._folder.FullName, "line");
        ModbusServerMachine server = await ModbusServerMachine.BootAsync(format, Emulation.SerialConnection.UnixSocket(path), type);
        await line._socket.ConnectAsync(new UnixDomainSocketEndPoint(path), TestContext.Current.CancellationToken);
        return (server, line);
    }

    /// <summary>Unit number and request with their check behind them.</summary>
    public static byte[] WithCheck(params byte[] bytes)
    {
        int crc = 0xFFFF;
        foreach (bool bit in bytes.SelectMany(static value => Enumerable.Range(0, 8).Select(index => ((value >> index) & 1) != 0)))
        {
            crc = ((crc & 1) != 0) != bit ? (crc / 2) ^ 0xA001 : crc / 2;
        }

        return [.. bytes, (byte)crc, (byte)(crc >> 8)];
    }

    /// <summary>Sends bytes in one piece.</summary>
    public async Task SendAsync(params byte[] bytes) =>
        Assert.Equal(bytes.Length, await _socket.SendAsync(bytes, TestContext.Current.CancellationToken));

    /// <summary>Is silent for as long as it takes to end a frame.</summary>
    public static Task BeSilentAsync() => BeSilentAsync(s_silence);

    /// <summary>Is silent.</summary>
    public static Task BeSilentAsync(TimeSpan duration) => Task.Delay(duration, TestContext.Current.CancellationToken);

    /// <summary>
    /// Sends unit number and request, with their check, after silence, and expects an answer: unit number and answer, without the check, which must be right. What came
    /// before that wasn't asked for is a part of it, and so a failure.
    /// </summary>
    public async Task ExpectAsync(byte[] request, params byte[] answer) =>
        Assert.Equal(Convert.ToHexString(WithCheck(answer)), await AskAsync(request, answer.Length + 2));

    /// <summary>Sends a request again and again until the answer is this one.</summary>
    public async Task WaitForAsync(byte[] request, params byte[] answer)
    {
        string expected = Convert.ToHexString(WithCheck(answer));
        long begin = Stopwatch.GetTimestamp();
        string received;
        while ((received = await AskAsync(request, answer.Length + 2)) != expected)
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < ModbusServerMachine.Patience, $"the answer to {Convert.ToHexString(request)} is still {received}");
        }
    }

    private async Task<string> AskAsync(byte[] request, int byteCount)
    {
        for (int attempt = 1; attempt <= AttemptLimit; attempt++)
        {
            await BeSilentAsync();
            await SendAsync(WithCheck(request));
            byte[] received = await ReceiveAsync(byteCount);
            if (received.Length != 0)
            {
                return Convert.ToHexString(received);
            }
        }

        Assert.Fail($"no answer to {Convert.ToHexString(request)}");
        return string.Empty;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _folder.Delete(recursive: true);
    }

    // As many bytes as are wanted, or as many as came until the time was over.
    private async Task<byte[]> ReceiveAsync(int byteCount)
    {
        byte[] buffer = new byte[byteCount];
        int count = 0;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(s_answerLimit);
        try
        {
            while (count < byteCount)
            {
                int received = await _socket.ReceiveAsync(buffer.AsMemory(count), limit.Token);
                Assert.NotEqual(0, received);
                count += received;
            }
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            // The caller sees how far it got.
        }

        return buffer[..count];
    }
}
