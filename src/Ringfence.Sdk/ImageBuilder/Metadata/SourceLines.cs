// Where a method stands in its source, from the portable PDB beside its assembly.

using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>A line of a source file.</summary>
internal readonly record struct SourceLine(string File, int Line);

/// <summary>What in a method's IL is looked for when one of its lines is wanted.</summary>
[Flags]
internal enum InstructionKinds
{
    None = 0,
    Allocation = 1,
    Boxing = 2,
    Throw = 4,
    Cast = 8,
}

/// <summary>Finds source lines of methods.</summary>
internal static class SourceLines
{
    /// <summary>The line of the first such instruction of the method, or else of its beginning; null without a PDB.</summary>
    public static SourceLine? Of(MethodEntry method, InstructionKinds kinds = InstructionKinds.None)
    {
        string path = Path.ChangeExtension(method.Assembly, ".pdb");
        if (!File.Exists(path))
        {
            return null;
        }

        using FileStream stream = File.OpenRead(path);
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(stream);
        MetadataReader symbols = provider.GetMetadataReader();
        MethodDebugInformation information = symbols.GetMethodDebugInformation(method.Handle.ToDebugInformationHandle());
        int offset = kinds == InstructionKinds.None ? 0 : FirstInstruction(method, kinds) ?? 0;
        SequencePoint? best = null;
        foreach (SequencePoint point in information.GetSequencePoints().Where(static point => !point.IsHidden))
        {
            if (best is null || point.Offset <= offset)
            {
                best = point;
            }
        }

        return best is { } found ? new SourceLine(symbols.GetString(symbols.GetDocument(found.Document).Name), found.StartLine) : null;
    }

    private static int? FirstInstruction(MethodEntry method, InstructionKinds kinds)
    {
        using FileStream stream = File.OpenRead(method.Assembly);
        using PEReader image = new(stream);
        MetadataReader metadata = image.GetMetadataReader();
        int address = metadata.GetMethodDefinition(method.Handle).RelativeVirtualAddress;
        if (address == 0)
        {
            return null;
        }

        BlobReader code = image.GetMethodBody(address).GetILReader();
        while (code.RemainingBytes > 0)
        {
            int offset = code.Offset;
            ILOpCode instruction = (ILOpCode)code.ReadByte();
            if ((byte)instruction == 0xFE)
            {
                instruction = (ILOpCode)(0xFE00 | code.ReadByte());
            }

            InstructionKinds kind = instruction switch
            {
                ILOpCode.Newobj or ILOpCode.Newarr => InstructionKinds.Allocation,
                ILOpCode.Box => InstructionKinds.Boxing,
                ILOpCode.Throw or ILOpCode.Rethrow => InstructionKinds.Throw,
                ILOpCode.Castclass or ILOpCode.Isinst or ILOpCode.Unbox or ILOpCode.Unbox_any => InstructionKinds.Cast,
                _ => InstructionKinds.None,
            };
            // A struct is made by the same instruction as an object; only the latter allocates.
            bool counts = (kind & kinds) != 0
                && (instruction != ILOpCode.Newobj || !MakesValue(metadata, MetadataTokens.EntityHandle(PeekToken(code))));
            if (counts)
            {
                return offset;
            }

            SkipOperand(ref code, instruction);
        }

        return null;
    }

    private static int PeekToken(BlobReader code) => code.ReadInt32();

    // Only a type of the same assembly tells what it is; of another's, all is taken for a value but what is plainly none of one.
    private static bool MakesValue(MetadataReader metadata, EntityHandle constructor)
    {
        EntityHandle type = constructor.Kind switch
        {
            HandleKind.MethodDefinition => metadata.GetMethodDefinition((MethodDefinitionHandle)constructor).GetDeclaringType(),
            HandleKind.MemberReference => metadata.GetMemberReference((MemberReferenceHandle)constructor).Parent,
            _ => default,
        };
        if (type.Kind != HandleKind.TypeDefinition)
        {
            return true;
        }

        EntityHandle parent = metadata.GetTypeDefinition((TypeDefinitionHandle)type).BaseType;
        return parent.Kind == HandleKind.TypeReference && metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)parent).Name) == "ValueType";
    }

    private static void SkipOperand(ref BlobReader code, ILOpCode instruction)
    {
        if (instruction == ILOpCode.Switch)
        {
            int count = code.ReadInt32();
            code.Offset += count * 4;
            return;
        }

        code.Offset += instruction switch
        {
            >= ILOpCode.Ldarg_s and <= ILOpCode.Stloc_s or ILOpCode.Ldc_i4_s or (>= ILOpCode.Br_s and <= ILOpCode.Blt_un_s) or ILOpCode.Leave_s => 1,
            ILOpCode.Unaligned => 1,
            >= ILOpCode.Ldarg and <= ILOpCode.Stloc => 2,
            ILOpCode.Ldc_i8 or ILOpCode.Ldc_r8 => 8,
            ILOpCode.Ldc_i4 or ILOpCode.Ldc_r4 or (>= ILOpCode.Br and <= ILOpCode.Blt_un) or ILOpCode.Leave => 4,
            ILOpCode.Jmp or ILOpCode.Call or ILOpCode.Calli or ILOpCode.Callvirt or ILOpCode.Cpobj or ILOpCode.Ldobj or ILOpCode.Ldstr
                or ILOpCode.Newobj or ILOpCode.Castclass or ILOpCode.Isinst or ILOpCode.Unbox or (>= ILOpCode.Ldfld and <= ILOpCode.Stobj)
                or ILOpCode.Box or ILOpCode.Newarr or ILOpCode.Ldelema or ILOpCode.Ldelem or ILOpCode.Stelem or ILOpCode.Unbox_any
                or ILOpCode.Refanyval or ILOpCode.Mkrefany or ILOpCode.Ldtoken or ILOpCode.Ldftn or ILOpCode.Ldvirtftn or ILOpCode.Initobj
                or ILOpCode.Constrained or ILOpCode.Sizeof => 4,
            _ => 0,
        };
    }
}
