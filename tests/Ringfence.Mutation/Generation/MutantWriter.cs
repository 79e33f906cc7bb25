// Goes through a file, finds its mutants, and writes the file anew with all of them in it.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Ringfence.Mutation.Operators;

namespace Ringfence.Mutation.Generation;

/// <summary>Numbers members and mutants across files.</summary>
internal sealed class MutantWriter(ConstantFields constants, Func<Mutant, bool> isWanted, IReadOnlySet<int> rejected)
{
    private readonly ConstantFields _constants = constants;
    private readonly List<Mutant> _mutants = [];

    // Of members with the same name, too: overloads have one count.
    private readonly Dictionary<MutantName, int> _occurrences = [];
    private int _lastNumber;

    /// <summary>The mutants found so far.</summary>
    public IReadOnlyList<Mutant> Mutants => _mutants;

    /// <summary>How many members have mutants.</summary>
    public int MemberCount { get; private set; }

    /// <summary>The file with its mutants, or only with its loops counted.</summary>
    public SyntaxTree Write(SyntaxTree tree, bool isMutated)
    {
        SyntaxNode root = new LocalConstants().Visit(tree.GetRoot());
        SyntaxNode written = new TypeWriter(this, tree.FilePath, isMutated).Visit(root);
        return CSharpSyntaxTree.ParseText(written.ToFullString(), LibrarySource.ParseOptions, tree.FilePath, System.Text.Encoding.UTF8);
    }

    private MutatedMember? Mutate(MemberDeclarationSyntax member, string file, string type)
    {
        SyntaxNode code = MutatedMember.CodeOf(member)!;
        List<(int, MemberDeclarationSyntax)> mutations = [];
        HashSet<(Microsoft.CodeAnalysis.Text.TextSpan, string)> seen = [];
        foreach (SyntaxNode node in code.DescendantNodesAndSelf())
        {
            foreach (IMutationOperator mutation in MutationOperators.All)
            {
                foreach (Change change in mutation.At(node))
                {
                    if (!seen.Add((change.Node.Span, Change.Text(change.Replacement))))
                    {
                        continue;
                    }

                    // Every change has its number, whether or not it is wanted and can be compiled.
                    int number = ++_lastNumber;
                    MutantName name = new(file, $"{type}.{MutatedMember.NameOf(member)}", change.Before, change.After, Occurrence: 0);
                    int occurrence = _occurrences.GetValueOrDefault(name) + 1;
                    _occurrences[name] = occurrence;
                    Mutant mutant = new(
                        number,
                        MemberCount,
                        mutation.Name,
                        mutation.IsDomainSpecific,
                        change.Node.GetLocation().GetLineSpan().StartLinePosition.Line + 1,
                        name with { Occurrence = occurrence });
                    if (isWanted(mutant) && !rejected.Contains(number))
                    {
                        mutations.Add((number, Loops.Count(member.ReplaceNode(change.Node, change.Replacement.WithTriviaFrom(change.Node)))));
                        _mutants.Add(mutant);
                    }
                }
            }
        }

        return mutations.Count == 0 && member is not FieldDeclarationSyntax ? null : new MutatedMember(MemberCount++, Loops.Count(member), mutations);
    }

    /// <summary>Constants in methods become variables, so that they can be changed and made of what is no constant any more.</summary>
    private sealed class LocalConstants : CSharpSyntaxRewriter
    {
        public override SyntaxNode? VisitLocalDeclarationStatement(LocalDeclarationStatementSyntax node) =>
            base.VisitLocalDeclarationStatement(node.WithModifiers([.. node.Modifiers.Where(static modifier => !modifier.IsKind(SyntaxKind.ConstKeyword))]));
    }

    private sealed class TypeWriter(MutantWriter writer, string file, bool isMutated) : CSharpSyntaxRewriter
    {
        public override SyntaxNode? VisitStructDeclaration(StructDeclarationSyntax node) => WriteMembers(node);

        public override SyntaxNode? VisitClassDeclaration(ClassDeclarationSyntax node) => WriteMembers(node);

        private TypeDeclarationSyntax WriteMembers(TypeDeclarationSyntax type)
        {
            SyntaxList<MemberDeclarationSyntax> members = [];
            foreach (MemberDeclarationSyntax member in type.Members)
            {
                bool isConvertible = member is FieldDeclarationSyntax field && writer._constants.CanConvert(field);
                MutatedMember? mutated = isMutated && (isConvertible || MutatedMember.CanHold(member)) ? writer.Mutate(member, file, type.Identifier.Text)
                    : isConvertible ? new MutatedMember(writer.MemberCount++, member, [])
                    : null;
                members = mutated is null ? members.Add(Keep(member, type)) : members.AddRange(Parse(mutated.Write()));
            }

            return type.WithMembers(members);
        }

        private MemberDeclarationSyntax Keep(MemberDeclarationSyntax member, TypeDeclarationSyntax type) => member switch
        {
            TypeDeclarationSyntax => (MemberDeclarationSyntax)Visit(member),
            FieldDeclarationSyntax field when ConstantFields.IsConstant(field) => writer._constants.WithValue(file, type.Identifier.Text, field),
            _ => Loops.Count(member),
        };

        private static SyntaxList<MemberDeclarationSyntax> Parse(string text) =>
            ((TypeDeclarationSyntax)SyntaxFactory.ParseMemberDeclaration($"struct S\n{{\n{text}\n}}", options: LibrarySource.ParseOptions)!).Members;
    }
}
