// The public side: gets cipher text and sends it back. Its first life tries to read the plain text instead.

using System;
using Ringfence.Abi;
using Ringfence.App;
using SharedMemory.Contracts;

namespace SharedMemory.Public;

internal static partial class Program
{
    private static int s_received;

    [ReadOnlyPartition]
    private static partial ref readonly Message CipherText { get; }

    [WritablePartition]
    private static partial ref Message CipherReturn { get; }

    [Semaphore]
    private static partial SemaphoreTaker CipherTextReady { get; }

    [Semaphore]
    private static partial SemaphoreGiver CipherReturnReady { get; }

    internal static int Main()
    {
        Terminal.WriteLine($"Public:    starts; restarts so far: {Machine.RestartCount}");
        while (CipherTextReady.Take() == SystemCallStatus.Success)
        {
            if (Machine.RestartCount == 0)
            {
                return ReadThePlainText();
            }

            s_received++;
            ReadOnlySpan<byte> message = CipherText;
            int count = CountTopBits(message);
            if (count is < Message.ByteCount * 3 / 8 or > Message.ByteCount * 5 / 8)
            {
                Terminal.WriteLine($"Public:    message {s_received} has {count} bytes with the top bit set: that is no cipher text");
                return 1;
            }

            message.CopyTo(CipherReturn);
            CipherReturnReady.Give();
        }

        Terminal.WriteLine($"Public:    {s_received} messages received, each as random as cipher text should be");
        return s_received > 0 ? 0 : 1;
    }

    // Text has no top bit set, cipher text about every second one.
    private static int CountTopBits(ReadOnlySpan<byte> message)
    {
        int count = 0;
        foreach (byte value in message)
        {
            count += value >> 7;
        }

        return count;
    }

    // The trespass. Partitions lie in the order of their names: two behind the cipher text is the plain text of this very message.
    private static unsafe int ReadThePlainText()
    {
        Terminal.WriteLine("Public:    has cipher text, and reads the plain text that it was made of"u8);
        int first;
        fixed (Message* cipherText = &CipherText)
        {
            first = *(byte*)(cipherText + 2);
        }

        Terminal.WriteLine($"Public:    it begins with {first}, and there is no fence");
        return 1;
    }
}
