// Compiled code shows that a method allocates, not where. Its IL does: the instructions that can have led to the call of a runtime
// routine are few, and those of a method that was inlined are found by following the calls.

using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Ringfence.ImageBuilder.Metadata;

/// <summary>What in a method's IL is looked for when one of its lines is wanted.</summary>
[Flags]
internal enum InstructionKinds
{
    None = 0,
    Object = 1,
    Array = 2,
    Boxing = 4,
    Throw = 8,
    Cast = 16,
    PointerCall = 32,
}

/// <summary>An instruction found, in the method asked about or in one that it calls.</summary>
internal readonly record struct FoundInstruction(MethodEntry Method, int Offset, InstructionKinds Kind);

/// <summary>Searches methods of a closed world for instructions.</summary>
internal sealed class InstructionSearch(MethodIndex methods)
{
    private const int MaximumDepth = 4;

    /// <summary>Every such instruction of the method; if it has none, those of the methods it calls, which must then have been inlined into it.</summary>
    public IReadOnlyList<FoundInstruction> Find(MethodEntry method, InstructionKinds kinds)
    {
        HashSet<MethodEntry> seen = [method];
        List<MethodEntry> level = [method];
        for (int depth = 0; depth < MaximumDepth && level.Count != 0; depth++)
        {
            List<FoundInstruction> found = [];
            List<MethodEntry> called = [];
            foreach (MethodEntry candidate in level)
            {
                Scan(candidate, kinds, found, called);
            }

            if (found.Count != 0)
            {
                return found;
            }

            level = [.. called.Where(seen.Add)];
        }

        return [];
    }

    /// <summary>Every such instruction of the method and of those that it calls, which may have been inlined into it.</summary>
    public IReadOnlyList<FoundInstruction> FindAll(MethodEntry method, InstructionKinds kinds)
    {
        HashSet<MethodEntry> seen = [method];
        List<MethodEntry> level = [method];
        List<FoundInstruction> found = [];
        for (int depth = 0; depth < MaximumDepth && level.Count != 0; depth++)
        {
            List<MethodEntry> called = [];
            foreach (MethodEntry candidate in level)
            {
                Scan(candidate, kinds, found, called);
            }

            level = [.. called.Where(seen.Add)];
        }

        return found;
    }

    private void Scan(MethodEntry method, InstructionKinds kinds, List<FoundInstruction> found, List<MethodEntry> called)
    {
        using FileStream stream = File.OpenRead(method.Assembly);
        using PEReader image = new(stream);
        MetadataReader metadata = image.GetMetadataReader();
        int address = metadata.GetMethodDefinition(method.Handle).RelativeVirtualAddress;
        if (address == 0)
        {
            return;
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

            InstructionKinds kind = KindOf(instruction);
            if (instruction is ILOpCode.Call or ILOpCode.Callvirt or ILOpCode.Newobj)
            {
                EntityHandle target = MetadataTokens.EntityHandle(PeekToken(code));
                kind = kind == InstructionKinds.Object && MakesValue(metadata, target) ? InstructionKinds.None : kind;
                if (Resolve(metadata, method.Assembly, target) is { } callee)
                {
                    called.Add(callee);
                }
            }

            if ((kind & kinds) != 0)
            {
                found.Add(new FoundInstruction(method, offset, kind));
            }

            SkipOperand(ref code, instruction);
        }
    }

    private MethodEntry? Resolve(MetadataReader metadata, string assembly, EntityHandle target)
    {
        switch (target.Kind)
        {
            case HandleKind.MethodDefinition:
                return methods.Find(assembly, (MethodDefinitionHandle)target);
            case HandleKind.MethodSpecification:
                return Resolve(metadata, assembly, metadata.GetMethodSpecification((MethodSpecificationHandle)target).Method);
            case HandleKind.MemberReference:
                MemberReference member = metadata.GetMemberReference((MemberReferenceHandle)target);
                if (member.Parent.Kind != HandleKind.TypeReference)
                {
                    return null;
                }

                TypeReference type = metadata.GetTypeReference((TypeReferenceHandle)member.Parent);
                string typeName = metadata.GetString(type.Namespace) + "." + metadata.GetString(type.Name);
                return methods.FindByDisplayName(typeName + "." + metadata.GetString(member.Name).TrimStart('.'));
            default:
                return null;
        }
    }

    private static InstructionKinds KindOf(ILOpCode instruction) => instruction switch
    {
        ILOpCode.Newobj => InstructionKinds.Object,
        ILOpCode.Newarr => InstructionKinds.Array,
        ILOpCode.Box => InstructionKinds.Boxing,
        ILOpCode.Throw or ILOpCode.Rethrow => InstructionKinds.Throw,
        ILOpCode.Calli => InstructionKinds.PointerCall,
        ILOpCode.Castclass or ILOpCode.Isinst or ILOpCode.Unbox or ILOpCode.Unbox_any => InstructionKinds.Cast,
        _ => InstructionKinds.None,
    };

    // By value: the caller's reader stays where it is.
    private static int PeekToken(BlobReader code) => code.ReadInt32();

    // A struct is made by the same instruction as an object. Whether a type is one can be seen in its own assembly only; another's counts as one,
    // for the core library has next to no classes that can be made.
    private static bool MakesValue(MetadataReader metadata, EntityHandle constructor)
    {
        EntityHandle type = constructor.Kind switch
        {
            HandleKind.MethodDefinition => metadata.GetMethodDefinition((MethodDefinitionHandle)constructor).GetDeclaringType(),
            HandleKind.MemberReference => metadata.GetMemberReference((MemberReferenceHandle)constructor).Parent,
            _ => default,
        };
        if (type.Kind == HandleKind.TypeReference)
        {
            TypeReference reference = metadata.GetTypeReference((TypeReferenceHandle)type);
            return !(metadata.GetString(reference.Namespace) == "System" && metadata.GetString(reference.Name) is "Object" or "String");
        }

        if (type.Kind != HandleKind.TypeDefinition)
        {
            return true;
        }

        EntityHandle parent = metadata.GetTypeDefinition((TypeDefinitionHandle)type).BaseType;
        return parent.Kind == HandleKind.TypeReference
            && metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)parent).Name) == "ValueType";
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
