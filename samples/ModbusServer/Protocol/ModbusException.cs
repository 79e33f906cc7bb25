namespace ModbusServer.Protocol;

/// <summary>Why a request isn't carried out: application protocol V1.1b3, 7.</summary>
public enum ModbusException
{
    /// <summary>It is.</summary>
    None = 0,

    /// <summary>A function that the server doesn't have.</summary>
    IllegalFunction = 1,

    /// <summary>Registers that the server doesn't have, if only the last of them.</summary>
    IllegalDataAddress = 2,

    /// <summary>A count out of range, or a request whose length isn't the one that its fields imply.</summary>
    IllegalDataValue = 3,

    /// <summary>The server failed while it carried the request out.</summary>
    ServerDeviceFailure = 4,
}
