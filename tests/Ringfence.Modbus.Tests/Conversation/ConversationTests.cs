// One class a format: the test runner runs classes side by side, and the methods of one class one after the other.

using Ringfence.Emulation;

namespace Ringfence.Modbus.Tests.Conversation;

/// <summary>Conversations with the server on x86-64.</summary>
public sealed class ClientsOnX8664() : ClientTests(GuestFormat.X8664);

/// <summary>Conversations with the server on PAE.</summary>
public sealed class ClientsOnPae() : ClientTests(GuestFormat.Pae);

/// <summary>Conversations with the server on IA-32.</summary>
public sealed class ClientsOnIa32() : ClientTests(GuestFormat.Ia32);

/// <summary>Frames that no client sends, on x86-64.</summary>
public sealed class RawFramesOnX8664() : RawFrameTests(GuestFormat.X8664);

/// <summary>Frames that no client sends, on PAE.</summary>
public sealed class RawFramesOnPae() : RawFrameTests(GuestFormat.Pae);

/// <summary>Frames that no client sends, on IA-32.</summary>
public sealed class RawFramesOnIa32() : RawFrameTests(GuestFormat.Ia32);
