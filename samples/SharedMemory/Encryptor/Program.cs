// The one component that reaches both sides, and the only one that has the key. What it doesn't carry across, nobody does.

using System;
using System.Buffers.Binary;
using Ringfence.Abi;
using Ringfence.App;
using SharedMemory.Contracts;

namespace SharedMemory.Encryptor;

internal static partial class Program
{
    private const int NonceByteCount = 12;

    // Makes nonces: no two messages may have the same under one key.
    private static uint s_messageCount;

    // In this component's read-only data, which no other can read. Everybody who has the image has it, too: a real key comes from elsewhere.
    private static ReadOnlySpan<byte> Key => "one key for this sample, 32 bytes"u8[..32];

    [ReadOnlyPartition]
    private static partial ref readonly Message PlainText { get; }

    [WritablePartition]
    private static partial ref Message CipherText { get; }

    [ReadOnlyPartition]
    private static partial ref readonly Message CipherReturn { get; }

    [WritablePartition]
    private static partial ref Message PlainReturn { get; }

    [Semaphore]
    private static partial SemaphoreTaker PlainTextReady { get; }

    [Semaphore]
    private static partial SemaphoreGiver CipherTextReady { get; }

    [Semaphore]
    private static partial SemaphoreTaker CipherReturnReady { get; }

    [Semaphore]
    private static partial SemaphoreGiver PlainReturnReady { get; }

    internal static int Main()
    {
        if (!ChaCha20.PassesSelfTest())
        {
            Terminal.WriteLine("Encryptor: the cipher fails the example of RFC 8439"u8);
            return 1;
        }

        Terminal.WriteLine("Encryptor: the cipher passes the example of RFC 8439"u8);
        Span<byte> nonce = stackalloc byte[NonceByteCount];
        nonce.Clear();
        while (WaitForPlainText())
        {
            s_messageCount++;
            BinaryPrimitives.WriteUInt32LittleEndian(nonce, s_messageCount);
            ChaCha20.Apply(Key, nonce, 0, PlainText, CipherText);
            if (!ExchangeCipherText())
            {
                Terminal.WriteLine("Encryptor: the public side stays down"u8);
                return 1;
            }

            ChaCha20.Apply(Key, nonce, 0, CipherReturn, PlainReturn);
            PlainReturnReady.Give();
        }

        Terminal.WriteLine($"Encryptor: {s_messageCount} messages encrypted, returned and decrypted; the secret side has no more");
        return 0;
    }

    // False if the secret side is gone for good; its next life can be waited for.
    private static bool WaitForPlainText()
    {
        SystemCallStatus status;
        do
        {
            status = PlainTextReady.Take();
        }
        while (status == SystemCallStatus.PeerRestarted);

        return status == SystemCallStatus.Success;
    }

    // A life of the public side may end with the message in hand: the next gets it again.
    private static bool ExchangeCipherText()
    {
        SystemCallStatus status;
        do
        {
            CipherTextReady.Give();
            status = CipherReturnReady.Take();
        }
        while (status == SystemCallStatus.PeerRestarted);

        return status == SystemCallStatus.Success;
    }
}
