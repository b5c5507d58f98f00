import ts from '@typescript/typescript6';

/** Names of interfaces whose fields say what they are by their names alone: those of an answer. Options never do. */
const SAYS_MORE = /Options$|Thresholds$|Limits$/;

/** What is said of the public symbols of a package. */
export interface PublicComments {
  /** The names of all that is exported. */
  names: readonly string[];
  /** What lacks a comment, and which links in comments lead nowhere, each in a line. */
  complaints: readonly string[];
}

/**
 * Looks through the comments on what a file of types exports.
 * @param file the package's types, as they are published
 */
export function publicComments(file: string): PublicComments {
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: [],
    noLib: true,
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${file} exports nothing.`);
  const complaints: string[] = [];
  const exported = checker.getExportsOfModule(module);
  for (const each of exported) {
    const symbol = resolved(each);
    look(symbol, each.name);
    for (const declaration of symbol.declarations ?? []) {
      if (!ts.isClassDeclaration(declaration) && !ts.isInterfaceDeclaration(declaration)) continue;
      const needsWords = ts.isClassDeclaration(declaration) || SAYS_MORE.test(each.name);
      for (const member of declaration.members) {
        const own =
          member.name && !ts.isPrivateIdentifier(member.name) && checker.getSymbolAtLocation(member.name);
        if (own) look(own, `${each.name}.${own.name}`, needsWords);
      }
    }
  }
  return { names: exported.map(({ name }) => name), complaints };

  function look(symbol: ts.Symbol, name: string, needsWords = true): void {
    if (needsWords && symbol.getDocumentationComment(checker).length === 0)
      complaints.push(`${name} has no doc comment.`);
    for (const declaration of symbol.declarations ?? []) {
      for (const comment of ts.getJSDocCommentsAndTags(declaration)) lookAtLinks(comment, name);
    }
  }

  function lookAtLinks(node: ts.Node, name: string): void {
    if (
      (ts.isJSDocLink(node) || ts.isJSDocLinkCode(node) || ts.isJSDocLinkPlain(node)) &&
      !leadsSomewhere(node)
    )
      complaints.push(`${name}: a link to ${node.name?.getText() ?? node.text} leads nowhere.`);
    ts.forEachChild(node, (child) => lookAtLinks(child, name));
  }

  /** The reference has only what is exported, whether the file that a comment is in knows it or not. */
  function leadsSomewhere({ name, text }: ts.JSDocLink | ts.JSDocLinkCode | ts.JSDocLinkPlain): boolean {
    if (!name) return /^https?:/.test(text.trim());
    if (/^https?$/.test(name.getText())) return true;
    const [first = '', member] = name.getText().split(/[.#]/);
    const owner = exported.find((each) => each.name === first);
    const symbol = owner && resolved(owner);
    return (
      symbol !== undefined && (member === undefined || membersOf(symbol).some((each) => each.name === member))
    );
  }

  function resolved(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  }

  function membersOf({ members, exports }: ts.Symbol): ts.Symbol[] {
    return [...(members?.values() ?? []), ...(exports?.values() ?? [])];
  }
}
